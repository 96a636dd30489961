"""How fast the goals worker applies check-ins to 100,000 objectives with 400,000 key results, nine levels deep.

Beside it the same batches as hand-written, set-based SQL on copies of the same database, in turns. Afterwards all
objectives are computed anew from the readings up and compared, those of the worker and those of the SQL.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
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
BATCH = 100
TURNS, BATCHES = 12, 5
WARM = 2
"""Turns that do not count: caches and plans are filled."""

Batch = Sequence[CheckInSubmitted]


@dataclass(frozen=True, slots=True)
class Way:
    """How batches are applied to a database: `prepared` makes what applies one."""

    url: str
    prepared: Callable[[Batch], Callable[[], None]]


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of a batch: from begin to end, and how long this process and the server's were busy."""

    wall: float
    python: float
    server: float


def main() -> None:
    with _server() as server, server.database() as large, server.database() as small:
        for url, tree in ((large, LARGE), (small, SMALL)):
            _prepare(url, tree)
        with server.database(_name(large)) as told, server.database(_name(large)) as untold:
            costs = _in_turns(large, small, told, untold)
            for url in (large, told, untold):
                _compare(url)
    _report(*costs)


def _in_turns(large: str, small: str, told: str, untold: str) -> tuple[Cost, Cost, Cost, Cost]:
    chance = random.Random(4)  # noqa: S311 - for measuring
    with (
        _worker(large) as ours, _worker(small) as few,
        _by_hand(told, events=True) as sql, _by_hand(untold, events=False) as plain,
    ):  # fmt: skip
        leave_what_is_loaded()  # as the worker's process does
        costs: list[list[Cost]] = [[], [], [], []]
        for turn in range(WARM + TURNS):
            batches = _batches(LARGE, chance, turn)
            for place, (way, given) in enumerate(
                ((ours, batches), (few, _batches(SMALL, chance, turn)), (sql, batches), (plain, batches))
            ):
                cost = [_timed(way, batch) for batch in given]
                costs[place] += cost if turn >= WARM else []
    return _middle(costs[0]), _middle(costs[1]), _middle(costs[2]), _middle(costs[3])


def _batches(tree: Tree, chance: random.Random, turn: int) -> list[Batch]:
    return [[check_in(tree, chance, turn) for _ in range(BATCH)] for _ in range(BATCHES)]


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
def _worker(url: str) -> Iterator[Way]:
    """The worker's consumer, given what the bus would give it."""
    database = Database(url)
    with tempfile.TemporaryDirectory() as folder:
        consumer = Consumer(Runtime(service(), database), SqliteBus(Path(folder) / "bus.db"))

        def applying(batch: Batch) -> Callable[[], None]:
            received = [_received(place, said) for place, said in enumerate(batch)]
            return lambda: consumer.apply(received)

        yield Way(url, applying)
    database.dispose()


def _received(place: int, said: CheckInSubmitted) -> Received:
    envelope = Envelope(
        id=new_id(), type=said.TYPE, source="/cairn/checkins", subject=said.id, time=datetime.now(UTC),
        aggregate_version=said.version, correlation=new_id(), actor=said.author_id,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )  # fmt: skip
    return Received(Message(said.topic(), said.id, encode(said), envelope.headers()), 0, place)


@contextmanager
def _by_hand(url: str, *, events: bool) -> Iterator[Way]:
    with psycopg.connect(postgres.conninfo(url), autocommit=True) as connection:
        apply = partial(set_based.apply, connection, events=events)
        yield Way(url, lambda batch: partial(apply, batch))


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


def _report(large: Cost, small: Cost, told: Cost, untold: Cost) -> None:
    said = {
        "the worker": large,
        f"the worker, {SMALL.objectives:,} objectives": small,
        "SQL with the same events": told,
        "SQL without events": untold,
    }
    for what, cost in said.items():
        print(
            f"rollup: {what}: {BATCH * 1000 / cost.wall:.0f} check-ins/s; a batch of {BATCH} takes {cost.wall:.1f} ms, "
            f"{cost.python:.1f} ms of work in Python and {cost.server:.1f} ms in PostgreSQL"
        )
    print(f"rollup: ratio to SQL with the same events {told.wall / large.wall:.2f} (0.25 wanted)")
    print(f"rollup: ratio to SQL without events {untold.wall / large.wall:.2f}")
    beside = (large.python + large.server) / (small.python + small.server)
    print(
        f"rollup: cost beside that at {SMALL.objectives:,} objectives: time {large.wall / small.wall:.2f}, "
        f"work {beside:.2f} (at most 1.5)"
    )
