"""A whole embedded Cairn in this process, with a small organisation that was sent in through the public API.

Its workers stand still unless a test lets them run: what a request answers then depends on nothing but the request.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any, cast

from sqlalchemy import func, select
from werkzeug.test import Client, TestResponse

from cairn.embedded import Embedded
from cairn.settling import unsettled
from chassis.clock import Clock, system_clock
from chassis.settings import load
from chassis.tables import DEAD_LETTERS, METADATA
from chassis.worker import Worker
from gateway.signin import tokens
from tests.support.stack import until

API = "/api/v1"
SETTLE_SECONDS = 60
PEOPLE = {
    "root": ("Rosa Ruiz", None, []),
    "manager": ("Mira Moss", "root", []),
    "employee": ("Ana Lima", "manager", []),
    "colleague": ("Ben Brook", "manager", []),
    "hr": ("Hana Hill", "root", ["employee", "hr"]),
}


@dataclass
class Whole:
    """The running Cairn: `call` it as somebody, look things up in `ids`, `settle` it."""

    cairn: Embedded
    secrets: dict[str, str] = field(default_factory=dict)
    """API tokens by whose they are: the names in PEOPLE, and `service`, an account with the roles hr and admin."""
    ids: dict[str, str] = field(default_factory=dict)
    """Ids of what was sent in, by a name."""

    @property
    def app(self) -> Any:
        return self.cairn.app

    def call(self, method: str, path: str, who: str | None = "service", **request: Any) -> TestResponse:
        """One request to the gateway below /api/v1; `who` None sends no token."""
        headers = {**({"Authorization": f"Bearer {self.secrets[who]}"} if who else {}), **request.pop("headers", {})}
        return Client(self.app).open(f"{API}{path}", method=method, headers=headers, **request)

    def get(self, path: str, who: str = "service") -> Any:
        """The JSON at a path; AssertionError where it is not 200."""
        answer = self.call("GET", path, who)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.json

    def send(self, path: str, body: Mapping[str, Any], name: str = "", who: str = "service") -> Any:
        """POST a body, keep the id of what it makes under a name; AssertionError where it is refused."""
        answer = self.call("POST", path, who, json=body)
        assert answer.status_code in (200, 201), f"{path}: {answer.get_data(as_text=True)}"
        made = cast(dict[str, Any], answer.json)
        if name:
            self.ids[name] = made["id"]
        return made

    def tag(self, path: str) -> str:
        """The ETag a thing has now."""
        return self.call("GET", path).headers["ETag"]

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let the workers run meanwhile."""
        kept = timedelta(days=7)
        workers = [Worker(part, self.cairn.bus, outbox_kept=kept) for part in self.cairn.parts.values()]
        for worker in workers:
            worker.start()
        try:
            yield
        finally:
            enders = [Thread(target=worker.stop) for worker in workers]
            for ender in enders:
                ender.start()
            for ender in enders:
                ender.join()

    def settle(self) -> None:
        """Wait until every event has arrived everywhere; AssertionError where one was parked."""
        until(lambda: not unsettled(self.cairn.parts), SETTLE_SECONDS, "every event has arrived")
        assert self.parked() == {}

    def state(self) -> dict[str, list[Any]]:
        """Every row of every table, but for those that note the asking itself."""
        found: dict[str, list[Any]] = {}
        for name, part in self.cairn.parts.items():
            tables = [*METADATA.sorted_tables, *part.service.metadata.sorted_tables]
            with part.db.engine.connect() as connection:
                for table in tables:
                    columns = ", ".join(f'"{column.name}"' for column in table.columns if column.name != "last_used_at")
                    rows = connection.exec_driver_sql(f'SELECT {columns} FROM "{table.name}" ORDER BY rowid')  # noqa: S608
                    found[f"{name}.{table.name}"] = [tuple(row) for row in rows]
        return found

    def parked(self) -> dict[str, int]:
        """How many events each part has parked; parts without are left out."""
        counts = {}
        for name, part in self.cairn.parts.items():
            with part.db.reading() as session:
                counts[name] = session.execute(select(func.count(DEAD_LETTERS.c.id))).scalar_one()
        return {name: count for name, count in counts.items() if count}


@contextmanager
def whole(folder: Path, clock: Clock = system_clock) -> Iterator[Whole]:
    """A Cairn of five people in one team, a cycle, an objective below another, check-ins and feedback; settled."""
    from contracts.registry import TOPICS

    settings = load({"CAIRN_DATA": str(folder), "CAIRN_PARTITIONS": "2", "CAIRN_CURSOR_SECRET": "for tests, not real"})
    running = Whole(Embedded(settings, clock))
    running.cairn.bus.ensure_topics(TOPICS, settings.partitions)
    try:
        gateway = running.cairn.parts["gateway"]
        running.secrets["service"] = tokens.issue_service_account(
            gateway, "tests", roles=("admin", "hr"), scopes=("*",), days=1
        )
        with running.working():
            _people(running)
            running.settle()
            for name, (full, _, _) in PEOPLE.items():
                running.secrets[name] = tokens.issue_for_email(gateway, _email(full), scopes=("*",), days=1)
            _goals(running)
            running.settle()
            _words(running)
        _imports(running)
        yield running
    finally:
        running.cairn.stop()


def _email(full: str) -> str:
    return f"{full.split()[0].lower()}@example.org"


def _people(running: Whole) -> None:
    running.send("/teams", {"name": "Harbour", "external_id": "T1"}, "team")
    running.send("/teams", {"name": "Quay", "parent_id": running.ids["team"]}, "below")
    for name, (full, manager, roles) in PEOPLE.items():
        body: dict[str, Any] = {"email": _email(full), "display_name": full, "external_id": name}
        if manager:
            body["manager_id"] = running.ids[manager]
        if roles:
            body["roles"] = roles
        running.send("/persons", {**body, "team_ids": [running.ids["below"]]}, name)


def _goals(running: Whole) -> None:
    days = {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    ids = running.ids
    running.send("/cycles", {"name": "2026", "state": "active", **days}, "cycle")
    running.send("/objectives", objective(running, title="Be the harbour people choose"), "top")
    link = {"parent_kind": "objective", "parent_id": ids["top"]}
    counted = {"title": "Ships a week", "metric": "increase", "start": 0, "target": 10}
    asked = {"title": "Wait in hours", "metric": "decrease", "start": 9, "target": 3}
    body = objective(running, title="Load faster", parents=[link], key_results=[counted, asked])
    made = running.send("/objectives", body, "objective")
    ids["key_result"], ids["other_key_result"] = (item["id"] for item in made["key_results"])
    running.send("/objectives", objective(running, title="Perhaps", state="draft"), "draft")


def objective(running: Whole, **fields: Any) -> dict[str, Any]:
    """The body of a new objective of the employee's."""
    usual = {"title": "Aim", "cycle_id": running.ids["cycle"], "owner_id": running.ids["employee"]}
    return {**usual, **fields}


def _words(running: Whole) -> None:
    ids = running.ids
    for value, day in ((2, "2026-02-02"), (5, "2026-03-02")):
        body = {"value": value, "as_of": day, "confidence": 0.7, "note": "Going well."}
        running.send(f"/key-results/{ids['key_result']}/check-ins", body, "check_in", "employee")
    for kind, name in (("praise", "praise"), ("feedback", "feedback")):
        words = {"kind": kind, "recipient_id": ids["employee"], "text": "Well done."}
        running.send("/feedback", words, name, "colleague")
    running.send("/service-accounts", {"name": "payroll"}, "account")
    running.send("/tokens", {"name": "spare"}, "token", "employee")
    running.settle()
    ids["notification"] = running.get("/notifications", "employee")["items"][0]["id"]


def _imports(running: Whole) -> None:
    """A file that was judged, a change ahead, and a profile."""
    from services.people.uploads import running as imports

    answer = running.call(
        "POST", "/imports", data=b"external_id,email\nroot,nobody\n", query_string={"dry_run": "true"}
    )
    running.ids["import"] = cast(dict[str, Any], answer.json)["id"]
    imports.run(running.cairn.parts["people"])
    ahead = f"email,title,effective_date\n{_email(PEOPLE['colleague'][0])},Harbour master,2099-01-01\n"
    assert running.call("POST", "/imports/people", data=ahead.encode(), content_type="text/csv").status_code == 200
    colleague = running.ids["colleague"]
    running.ids["change"] = running.get(f"/persons/{colleague}/scheduled-changes", "service")["items"][0]["id"]
    running.ids["profile"] = "nightly"
    assert running.call("PUT", "/import-profiles/nightly", json={"partial": True}).status_code == 200
