"""Check-ins accepted through nginx, gateway and service from eight clients, each its next after the last answer.

Beside it, in turns, pgbench with eight connections that inserts the same two rows, check-in and outbox, in the same
database. Web parts, edge and PostgreSQL are those of docker-compose.yml; no worker runs.
"""

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from typing import LiteralString
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import dict_row

from benchmarks.reading import Round, Target, asked, post
from chassis.ids import new_id
from deploy.local.running import Local
from deploy.postgres import programs
from gateway.signin import secret
from tests.support import deployed

CLIENTS = 8
KEY_RESULTS = 500
"""Of each client."""
SECONDS = 3.0
ROUNDS = 5
NEEDED = ("postgres", "migrate", "checkins-web", "gateway-web", "edge")
COUNTED = ("edge", "gateway-web", "checkins-web", "postgres")


@dataclass(frozen=True, slots=True)
class Client:
    """A person with a token and key results of their own."""

    id: str
    token: str
    key_results: Sequence[str]


@dataclass(frozen=True, slots=True)
class Found:
    """One round: what was accepted, what pgbench did a second, and milliseconds of work a check-in by process."""

    accepted: Round
    yardstick: float
    busy: Mapping[str, float]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, _topology(Path(folder)) as local:
        port = urlsplit(deployed.edge(local)).port or 0
        clients = _seed(local)
        keyless, keyed = [], []
        for turn in range(ROUNDS + 1):
            keyless.append(_round(local, port, clients, keys=False))
            keyed.append(_round(local, port, clients, keys=True))
            if turn == 0:
                keyless, keyed = [], []
        _report("", keyless)
        _report("with an Idempotency-Key each, ", keyed)


def _round(local: Local, port: int, clients: Sequence[Client], *, keys: bool) -> Found:
    # The callers take every eighth request, so each of them is one person.
    requests = [_request(client, keyed=keys) for _ in range(_enough()) for client in clients]
    before = _busy(local)
    accepted = asked(Target(port, requests, 201), SECONDS)
    count = len(accepted.times)
    busy = {name: (after - before[name]) * 1000 / count for name, after in _busy(local).items()}
    return Found(accepted, _pgbench(local), busy)


def _enough() -> int:
    """Requests a client cannot send in one round: none is sent twice."""
    return int(SECONDS * 400)


CHANCE = Random(11)  # noqa: S311 - for measuring


def _request(client: Client, *, keyed: bool) -> bytes:
    body = (
        f'{{"value": {CHANCE.randrange(10_001) / 100}, "confidence": {CHANCE.randrange(11) / 10}, "note": '
        '"Two coaches more than last week; the second house is still closed for repairs."}'
    )
    path = f"/api/v1/key-results/{CHANCE.choice(client.key_results)}/check-ins"
    return post(path, client.token, body, *([f"Idempotency-Key: {new_id()}"] if keyed else []))


@contextmanager
def _topology(folder: Path) -> Iterator[Local]:
    containers = deployed.containers(folder)
    with deployed.running(Local(containers, folder, network=deployed.NETWORK), only=NEEDED) as local:
        yield local


def _url(local: Local, part: str) -> str:
    """As psycopg and pgbench take it."""
    return local.instances[f"{part}-web"].process.environment[f"CAIRN_{part.upper()}_DATABASE_URL"]


def _seed(local: Local) -> list[Client]:
    """People with tokens at the gateway, and their key results as the check-ins service knows them."""
    clients = []
    with psycopg.connect(_url(local, "checkins")) as checkins, psycopg.connect(_url(local, "gateway")) as gateway:
        for number in range(CLIENTS):
            token, parts = secret.fresh(secret.PERSONAL)
            client = Client(new_id(), token, [new_id() for _ in range(KEY_RESULTS)])
            for database in (checkins, gateway):
                database.execute(
                    _PERSON, {"id": client.id, "name": f"Person {number}", "mail": f"{number}@example.com"}
                )
            gateway.execute(_ACCESS, {"id": new_id(), "lookup": parts.lookup, "digest": parts.digest, "of": client.id})
            objective = new_id()
            checkins.execute(_OBJECTIVE, {"id": objective, "cycle": objective, "owner": client.id})
            with checkins.cursor() as cursor:
                cursor.executemany(_KEY_RESULT, [{"id": one, "objective": objective} for one in client.key_results])
            clients.append(client)
    with psycopg.connect(_url(local, "checkins"), autocommit=True) as checkins:
        checkins.execute("VACUUM ANALYZE")
    return clients


_PERSON = """
    INSERT INTO replica_people (id, version, email, display_name, team_ids, roles, time_zone, locale, active)
    VALUES (%(id)s, 1, %(mail)s, %(name)s, '[]', '["employee"]', 'Europe/Berlin', 'en', true)"""
_ACCESS = """
    INSERT INTO tokens (id, lookup, digest, person_id, name, scopes, created_at, created_by, expires_at)
    VALUES (%(id)s, %(lookup)s, %(digest)s, %(of)s, 'benchmark', '["*"]', now(), %(of)s, now() + interval '1 day')"""
_OBJECTIVE = """
    INSERT INTO objective_copies (id, version, title, cycle_id, owner_kind, owner_id, co_owner_ids, state)
    VALUES (%(id)s, 1, 'Guests come back', %(cycle)s, 'person', %(owner)s, '[]', 'active')"""
_KEY_RESULT = """
    INSERT INTO key_result_copies (id, version, objective_id, cycle_id, title, metric, unit, milestones, removed, open)
    VALUES (%(id)s, 1, %(objective)s, %(objective)s, 'Returning guests', 'increase', 'percent', '[]', false, true)"""


def _pgbench(local: Local) -> float:
    """Transactions a second of the same two inserts, with what the last check-in really made."""
    url = _url(local, "checkins")
    statements, constants = _two_inserts(url)
    script = local.folder / "two-inserts.sql"
    script.write_text("\n".join(["BEGIN;", *statements, "END;"]))
    given = [word for name, value in constants.items() for word in ("-D", f"{name}={value}")]
    command = [str(programs.find_or_install() / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1"]
    done = subprocess.run(
        [*command, *given, "-T", f"{SECONDS:.0f}", "-f", str(script), url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if found is None:
        raise RuntimeError(done.stdout)
    return float(found[1])


def _two_inserts(url: str) -> tuple[list[str], dict[str, str]]:
    """The statements, and the values they name; only the ids are new each time."""
    new = "CAST(gen_random_uuid() AS text)"
    statements, constants = [], {}
    with psycopg.connect(url, row_factory=dict_row) as connection:
        for table, own, values in (
            ("check_ins", "id", _LAST_CHECK_IN), ("outbox", "event_id", _LAST_EVENT)
        ):  # fmt: skip
            row = connection.execute(values).fetchone() or {}
            told = {name: value for name, value in row.items() if value is not None and name != own}
            constants.update({f"{table}_{name}": str(value) for name, value in told.items()})
            names = ", ".join([own, *told])
            said = ", ".join([new, *(_placed(f"{table}_{name}") for name in told)])
            statements.append(f"INSERT INTO {table} ({names}) VALUES ({said});")  # noqa: S608 - our own names
    return statements, constants


_LAST_CHECK_IN: LiteralString = "SELECT * FROM check_ins ORDER BY id DESC LIMIT 1"
_LAST_EVENT: LiteralString = """
    SELECT event_id, topic, key, aggregate_version, type, convert_from(payload, 'UTF8') AS payload,
        headers::text AS headers, created_at FROM outbox ORDER BY id DESC LIMIT 1"""


def _placed(name: str) -> str:
    return f"convert_to(:{name}, 'UTF8')" if name == "outbox_payload" else f":{name}"


def _busy(local: Local) -> dict[str, float]:
    """Seconds of work so far by part, all its processes together."""
    parents, spent = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(fields[1])
            spent[int(stat.parent.name)] = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    roots = {local.instances[name].running.pid: name for name in COUNTED if local.instances[name].running}  # type: ignore[union-attr]
    found = dict.fromkeys(COUNTED, 0.0)
    for pid, seconds in spent.items():
        while pid not in roots and pid in parents:
            pid = parents[pid]
        if pid in roots:
            found[roots[pid]] += seconds
    return found


def _report(how: str, rounds: Sequence[Found]) -> None:
    rate = median(one.accepted.rate for one in rounds)
    yardstick = median(one.yardstick for one in rounds)
    ratio = median(one.accepted.rate / one.yardstick for one in rounds)
    late = median(one.accepted.percentile(0.95) for one in rounds) * 1000
    busy = ", ".join(f"{name} {median(one.busy[name] for one in rounds):.2f}" for name in COUNTED)
    print(f"check-ins: {how}accepted {rate:.0f}/s (300 wanted), p95 {late:.0f} ms; pgbench {yardstick:.0f}/s; "
          f"ratio {ratio:.3f} (0.08 wanted)")  # fmt: skip
    print(f"check-ins: {how}milliseconds of work a check-in: {busy}")
