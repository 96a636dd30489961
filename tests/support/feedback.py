"""The feedback service with a small organisation: Ana manages Ben, Cleo manages nobody, Olga is HR."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.test import TestResponse

from chassis.access import Actor
from services.feedback.app import service
from tests.support.hosted import Hosted, hosted, person

ANA = "0190b6a4-9d5c-7c3e-8a55-00000000000a"
BEN = "0190b6a4-9d5c-7c3e-8a55-00000000000b"
CLEO = "0190b6a4-9d5c-7c3e-8a55-00000000000c"
OLGA = Actor("0190b6a4-9d5c-7c3e-8a55-00000000000d", roles=frozenset({"employee", "hr", "admin", "auditor"}))
GONE = "0190b6a4-9d5c-7c3e-8a55-00000000000e"
NOBODY = "0190b6a4-9d5c-7c3e-8a55-0000000000ff"
IMPORTER = Actor("importer", kind="service", roles=frozenset({"hr", "admin"}))
CANARY = "the canary sings only for Ben"


@contextmanager
def feedback_service(database_url: str) -> Iterator[Hosted]:
    """The service, knowing its people."""
    with hosted(service(), database_url) as running:
        running.tell(
            person("Ana Lima", id=ANA),
            person("Ben Okoro", id=BEN, manager_id=ANA),
            person("Cleo Marin", id=CLEO),
            person("Olga Voss", id=OLGA.id),
            person("Gone Away", id=GONE, active=False),
        )
        yield running


def words(**changed: Any) -> dict[str, Any]:
    """A request for praise to Ben."""
    return {"kind": "praise", "recipient_id": BEN, "text": "Thank you for staying late."} | changed


def give(running: Hosted, who: Actor | str = CLEO, **changed: Any) -> TestResponse:
    """Post it as this person."""
    return running.client(who).post("/api/v1/feedback", json=words(**changed))


def given(running: Hosted, who: Actor | str = CLEO, **changed: Any) -> str:
    """Post it and answer its id."""
    answer = give(running, who, **changed)
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def can_read(running: Hosted, who: Actor | str, feedback_id: str) -> bool:
    """Whether this person gets it by its id; the list must agree."""
    client = running.client(who)
    one = client.get(f"/api/v1/feedback/{feedback_id}")
    assert one.status_code in (200, 404), one.json
    listed = {item["id"] for item in client.get("/api/v1/feedback?limit=200").json["items"]}
    assert (feedback_id in listed) == (one.status_code == 200), "the list and the single read differ"
    return one.status_code == 200
