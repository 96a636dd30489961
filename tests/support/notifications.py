"""The notifications service with three people, and news for them made from the contracts' own examples."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from sqlalchemy import select

from chassis.ids import new_id
from contracts.checkins import CheckInFellDue
from contracts.event import Event
from contracts.examples import load
from contracts.feedback import FeedbackGiven
from contracts.goals import KeyResultFellAtRisk, ObjectiveAssigned
from contracts.people import PersonState
from services.notifications.app import MailSettings, service
from services.notifications.models import Delivery
from tests.support.hosted import MORNING, FixedClock, Hosted, hosted, person

ANA = "0190b6a4-9d5c-7c3e-8a55-00000000000a"
BEN = "0190b6a4-9d5c-7c3e-8a55-00000000000b"
GONE = "0190b6a4-9d5c-7c3e-8a55-00000000000e"
LATE = "0190b6a4-9d5c-7c3e-8a55-00000000000f"
PUBLIC_URL = "https://okr.example.org"
SECRET = "what was said stays between two people"
MINUTE = timedelta(minutes=1)
ALL_KINDS = ("praise_received", "feedback_received", "check_in_due", "key_result_at_risk", "became_owner", "hand_over")

E = TypeVar("E", bound=Event)


def mailing(url: str | None) -> MailSettings:
    return MailSettings(url=url, sender="Cairn <okr@example.org>", public_url=PUBLIC_URL)


def everyone() -> list[PersonState]:
    return [
        person("Ana Lima", id=ANA),
        person("Ben Okoro", id=BEN),
        person("Gone Away", id=GONE, active=False),
    ]


@contextmanager
def notifications_service(database_url: str, mail: MailSettings | None = None) -> Iterator[Hosted]:
    """The service, knowing its people."""
    with hosted(service(mail), database_url, FixedClock(MORNING)) as running:
        running.tell(*everyone())
        yield running


def news(kind: type[E], /, **changed: Any) -> E:
    """The contracts' example of this event with other facts, about an aggregate of its own."""
    return msgspec.structs.replace(load(kind)[1], **({"id": new_id()} | changed))


def praise(**changed: Any) -> FeedbackGiven:
    """Public praise from Ana to Ben, given this moment."""
    return news(FeedbackGiven, **({"giver_id": ANA, "recipient_id": BEN, "given_at": MORNING} | changed))


def feedback(**changed: Any) -> FeedbackGiven:
    """Private feedback from Ana to Ben; its text is in the event as it would be if the sender were careless."""
    return praise(**({"kind": "feedback", "visibility": "recipient", "text": SECRET} | changed))


def due(person_id: str = BEN, count: int = 3) -> CheckInFellDue:
    return news(CheckInFellDue, person_id=person_id, key_result_ids=[new_id() for _ in range(count)])


def at_risk(*owner_ids: str, **changed: Any) -> KeyResultFellAtRisk:
    return news(KeyResultFellAtRisk, **({"owner_ids": list(owner_ids) or [BEN]} | changed))


def assigned(*assignee_ids: str, **changed: Any) -> ObjectiveAssigned:
    return news(ObjectiveAssigned, **({"assignee_ids": list(assignee_ids) or [BEN]} | changed))


def inbox(running: Hosted, who: str = BEN, **filters: Any) -> list[dict[str, Any]]:
    """Everything in this person's inbox, over HTTP."""
    answer = running.client(who).get("/api/v1/notifications", query_string={"limit": 200} | filters)
    assert answer.status_code == 200, answer.json
    return list(answer.json["items"])


def titles(running: Hosted, who: str = BEN) -> list[str]:
    """The titles in this person's inbox, in the order of the alphabet."""
    return sorted(entry["title"] for entry in inbox(running, who))


def want_email(running: Hosted, who: str = BEN, *kinds: str) -> str:
    """Let this person ask for letters, of every kind if none is named; answers the new ETag."""
    client = running.client(who)
    tag = client.get("/api/v1/notification-preferences").headers["ETag"]
    wanted = {kind: {"email": True} for kind in kinds or ALL_KINDS}
    answer = client.put("/api/v1/notification-preferences", json=wanted, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.json
    return str(answer.headers["ETag"])


def send(running: Hosted, mail: MailSettings | None, timeout: float = 5.0) -> None:
    """Run the sender once, as the worker does."""
    from services.notifications.mail.sender import Sender

    Sender(mail, timeout).run(running.runtime)


def letters(running: Hosted) -> list[Delivery]:
    """The delivery table, oldest first."""
    with running.runtime.db.reading() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def main(database_url: str, smtp_url: str, moment: str) -> None:
    """A sender in a process of its own, to be killed: `python -m tests.support.notifications DATABASE SMTP MOMENT`."""
    from chassis.db import Database
    from chassis.service import Runtime
    from services.notifications.mail.sender import Sender

    mail = mailing(smtp_url)
    db = Database(database_url)
    Sender(mail).run(Runtime(service(mail), db, FixedClock(datetime.fromisoformat(moment))))
    db.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
