"""Words for how a goal stands and how it ended, in the tools' many vocabularies."""

import re
from contextlib import suppress
from decimal import Decimal

from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import Unclear, figure
from cairn.exchange.layouts.wrong import shortened

ON_TRACK, BEHIND, AT_RISK = "on_track", "behind", "at_risk"
CLOSED, POSTPONED, NOT_STARTED, DRAFT = "closed", "postponed", "not_started", "draft"
OPEN = "open"
_STATUSES = {
    ON_TRACK: "on track;green;good;progressing;healthy;exceeding;ahead",
    BEHIND: "behind;yellow;amber;off track;needs attention;progressing slowly;delayed",
    AT_RISK: "at risk;red;blocked;critical;in danger",
    CLOSED: "closed;completed;complete;done;achieved;accomplished;partially achieved;not achieved;missed;finished;"
    "successful;notsuccessful;archived;cancelled;canceled;abandoned;failed",
    POSTPONED: "postponed;on hold;paused;deferred;parked",
    NOT_STARTED: "not started;pending;created;no status;none;planned;open;new;to do;todo",
    OPEN: "reopened;ongoing;in progress;active;started;inprogress;running",
    DRAFT: "draft;planning;review;approved",
}
_BY_WORD = {word: status for status, words in _STATUSES.items() for word in words.split(";")}
_GRADES = {"done": "1", "achieved": "1", "completed": "1", "complete": "1", "yes": "1", "hit": "1", "met": "1",
           "exceeded": "1", "missed": "0", "not achieved": "0", "no": "0", "failed": "0", "not done": "0",
           "not met": "0"}  # fmt: skip
_BEGINS = re.compile(
    r"\(?(?P<said>(?P<share>[0-9]+([.,][0-9]+)?\s*%)|[0-9]+\s*/\s*[0-9]+(\s*\((?P<behind>[0-9.,]+\s*%)\))?"
    r"|(?P<word>[a-z ]+)(?=[.,;:]))"
)
_OUT_OF = re.compile(r"(?P<part>[0-9.,]+)\s*(/|of|out of)\s*(?P<whole>[0-9.,]+)", re.IGNORECASE)


def status(text: str) -> str | None:
    """One of the constants above; None for a word nobody listed."""
    return _BY_WORD.get(re.sub(r"[\s_-]+", " ", text.strip().casefold()))


def spelt(status: str | None) -> str:
    """How most tools write a status."""
    return (status or "").replace("_", " ").title()


def check_in_status(found: str | None) -> str | None:
    """What a check-in can say of it."""
    return found if found in (ON_TRACK, BEHIND, AT_RISK) else None


def state(found: str | None) -> str:
    """The state of an objective of this status."""
    return CLOSED if found == CLOSED else "draft" if found == DRAFT else "active"


def read_status(text: str, doubts: Doubts, place: str, item: str) -> str | None:
    """One of the constants; None where nothing is said. An unknown word is marked and taken to say nothing."""
    if not text.strip():
        return None
    found = status(text)
    if found is None:
        choices = tuple(_STATUSES)
        question = f"What does the status “{shortened(text)}” mean? It is kept as text."
        taken = doubts.mark(f"status:{text.strip()}", place, item, question, OPEN, choices)
        found = taken if taken in choices else status(taken)
    return found


def grade(text: str) -> Decimal | None:
    """A result as a share: `8/10`, `85%`, `0.7`, `Done`, `Missed`; beyond 1 where more was achieved. None else.

    Numbers without a sign count as shares up to 1.5 and as percent above 10; between them nobody knows.
    """
    bare = re.sub(r"\s+", " ", text.strip().casefold())
    if bare in _GRADES:
        return Decimal(_GRADES[bare])
    with suppress(Unclear):
        if found := _OUT_OF.fullmatch(bare):
            whole = figure(found["whole"]).value
            return figure(found["part"]).value / whole if whole else None
        said = figure(bare)
        if said.percent or said.value > 10:
            return said.value / 100
        return said.value if said.value <= Decimal("1.5") else None
    return None


def result(text: str) -> Decimal | None:
    """How something ended, from what people write behind it: `90%. Not shipped yet`, `8/10 (80%)`, `Done: it runs`.

    Only what a text begins with counts, as in `grade`; a percentage behind a count (`6/5 (100%)`) is what they say.
    """
    whole = grade(text)
    begins = _BEGINS.match(text.strip().casefold())
    if whole is not None or begins is None:
        return whole
    return grade(begins["behind"] or begins["share"] or begins["word"] or begins["said"])
