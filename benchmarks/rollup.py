"""How fast the goals worker applies check-ins to 100,000 objectives with 400,000 key results, nine levels deep.

Beside it the same batches as hand-written, set-based SQL on copies of the same database, in turns. Afterwards all
objectives are computed anew from the readings up and compared, those of the worker and those of the SQL.

What a check-in costs is compared with what it costs among 1,000 objectives, alone, by tens and by hundreds. In such a
batch check-ins share what lies above them, more of it where there is less: a hundred among 1,000 objectives touch some
280 of them, among 100,000 some 530. Alone each touches what lies above it, and nothing is shared.
"""

import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

import psycopg
from sqlalchemy import make_url

from benchmarks import set_based
from benchmarks.goal_trees import Tree, check_in, recomputed, seed, stored
from benchmarks.servers import led
from cairn.memory import leave_what_is_loaded
from chassis.bus import Message, Received
from chassis.bus.sqlite import SqliteBus
from chassis.consumer import Consumer
from chassis.db import Database
from chassis.ids import new_id
from chassis.migrate import migrate
from chassis.service import Runtime
from contracts.checkins import CheckInSubmitted
from contracts.envelope import Envelope
from contracts.event import encode
from services.goals.app import service
from tests.support import postgres

LARGE = Tree(objectives=100_000, children=4)
SMALL = Tree(objectives=1_000, children=2)
"""As deep as the large one."""
SIZES = 1, 10, 100
"""Check-ins that are applied together."""
BATCH = SIZES[-1]
TURNS, BATCHES = 12, 5
WARM = 2
"""Turns that do not count: caches and plans are filled."""

WORKER, AMONG_FEW = "the worker", f"the worker, {SMALL.objectives:,} objectives"
SQL, PLAIN_SQL = "SQL with the same events", "SQL without events"

Batch = Sequence[CheckInSubmitted]


@dataclass(frozen=True, slots=True)
class Way:
    """How batches are applied to a database: `prepared` makes what applies one."""

    name: str
    url: str
    prepared: Callable[[Batch], Callable[[], None]]


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of a batch: from begin to end, and how long this process and the server's were busy."""

    wall: float
    python: float
    server: float


Costs = Mapping[tuple[str, int], Cost]
"""By the name of the way and the size of the batches."""


def main() -> None:
    with _server() as server, server.database() as large, server.database() as small:
        for url, tree in ((large, LARGE), (small, SMALL)):
            _prepare(url, tree)
        with server.database(_name(large)) as told, server.database(_name(large)) as untold:
            costs = _in_turns(large, small, told, untold)
            for url in (large, told, untold):
                _compare(url)
    _report(costs)


def _in_turns(large: str, small: str, told: str, untold: str) -> Costs:
    chance = random.Random(4)  # noqa: S311 - for measuring
    with (
        _worker(WORKER, large) as ours, _worker(AMONG_FEW, small) as few,
        _by_hand(SQL, told, events=True) as sql, _by_hand(PLAIN_SQL, untold, events=False) as plain,
    ):  # fmt: skip
        leave_what_is_loaded()  # as the worker's process does
        costs: dict[tuple[str, int], list[Cost]] = defaultdict(list)
        for turn in range(WARM + TURNS):
            for size in SIZES:
                many, some = (_batches(tree, chance, turn, size) for tree in (LARGE, SMALL))
                ways = [(ours, many), (few, some)] + ([(sql, many), (plain, many)] if size == BATCH else [])
                for way, batches in ways:
                    cost = [_timed(way, batch) for batch in batches]
                    costs[way.name, size] += cost if turn >= WARM else []
    return {what: _middle(cost) for what, cost in costs.items()}


def _batches(tree: Tree, chance: random.Random, turn: int, size: int) -> list[Batch]:
    return [[check_in(tree, chance, turn) for _ in range(size)] for _ in range(BATCHES)]


def _timed(way: Way, batch: Batch) -> Cost:
    run = way.prepared(batch)
    served, began, worked = _served(way.url), time.perf_counter(), time.process_time()
    run()
    wall, python = time.perf_counter() - began, time.process_time() - worked
    return Cost(wall * 1000, python * 1000, (_served(way.url) - served) * 1000)


def _served(url: str) -> float:
    """Seconds the server processes of a database have worked that are connected now."""
    with psycopg.connect(postgres.conninfo(url), autocommit=True, application_name="asking") as connection:
        pids = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
                                  "AND application_name <> 'asking' AND backend_type = 'client backend'")  # fmt: skip
        return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for (pid,) in pids) / 1e9


def _middle(costs: Sequence[Cost]) -> Cost:
    return Cost(*(median(getattr(cost, name) for cost in costs) for name in ("wall", "python", "server")))


@contextmanager
def _worker(name: str, url: str) -> Iterator[Way]:
    """The worker's consumer, given what the bus would give it."""
    database = Database(url)
    with tempfile.TemporaryDirectory() as folder:
        consumer = Consumer(Runtime(service(), database), SqliteBus(Path(folder) / "bus.db"))

        def applying(batch: Batch) -> Callable[[], None]:
            received = [_received(place, said) for place, said in enumerate(batch)]
            return lambda: consumer.apply(received)

        yield Way(name, url, applying)
    database.dispose()


def _received(place: int, said: CheckInSubmitted) -> Received:
    envelope = Envelope(
        id=new_id(), type=said.TYPE, source="/cairn/checkins", subject=said.id, time=datetime.now(UTC),
        aggregate_version=said.version, correlation=new_id(), actor=said.author_id,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )  # fmt: skip
    return Received(Message(said.topic(), said.id, encode(said), envelope.headers()), 0, place)


@contextmanager
def _by_hand(name: str, url: str, *, events: bool) -> Iterator[Way]:
    with psycopg.connect(postgres.conninfo(url), autocommit=True) as connection:
        apply = partial(set_based.apply, connection, events=events)
        yield Way(name, url, lambda batch: partial(apply, batch))


def _prepare(url: str, tree: Tree) -> None:
    database = Database(url)
    migrate(database, service())
    database.dispose()
    seed(postgres.conninfo(url), tree)


def _compare(url: str) -> None:
    wanted, found = recomputed(postgres.conninfo(url)), stored(postgres.conninfo(url))
    wrong = [one for one, standing in wanted.items() if found[one] != standing]
    if wrong:
        raise RuntimeError(f"{len(wrong)} of {len(wanted)} objectives stand wrong, first {wrong[0]}")


def _name(url: str) -> str:
    return str(make_url(url).database)


@contextmanager
def _server() -> Iterator[postgres.Postgres]:
    """With the buffers docker-compose.yml gives, for each of the three large ones: else they drive each other out."""
    with led():
        yield postgres.server(sync=True, shared_buffers=f"{3 * 256}MB")


def _report(costs: Costs) -> None:
    for what in (WORKER, AMONG_FEW, SQL, PLAIN_SQL):
        cost = costs[what, BATCH]
        print(
            f"rollup: {what}: {BATCH * 1000 / cost.wall:.0f} check-ins/s; a batch of {BATCH} takes {cost.wall:.1f} ms, "
            f"{cost.python:.1f} ms of work in Python and {cost.server:.1f} ms in PostgreSQL"
        )
    ours = costs[WORKER, BATCH].wall
    print(f"rollup: ratio to SQL with the same events {costs[SQL, BATCH].wall / ours:.2f} (0.25 wanted)")
    print(f"rollup: ratio to SQL without events {costs[PLAIN_SQL, BATCH].wall / ours:.2f}")
    for size in SIZES:
        large, small = costs[WORKER, size], costs[AMONG_FEW, size]
        work = (large.python + large.server) / (small.python + small.server)
        print(
            f"rollup: a check-in, {size} at once: {large.wall / size:.2f} ms among {LARGE.objectives:,} objectives, "
            f"{small.wall / size:.2f} ms among {SMALL.objectives:,}: {large.wall / small.wall:.2f} times, "
            f"work {work:.2f} times (at most 1.5)"
        )
