"""What is worth telling somebody, in which words, and how patiently a letter is tried: pure functions."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

PRAISE_RECEIVED = "praise_received"
FEEDBACK_RECEIVED = "feedback_received"
CHECK_IN_DUE = "check_in_due"
KEY_RESULT_AT_RISK = "key_result_at_risk"
BECAME_OWNER = "became_owner"
HAND_OVER = "hand_over"
KINDS = (PRAISE_RECEIVED, FEEDBACK_RECEIVED, CHECK_IN_DUE, KEY_RESULT_AT_RISK, BECAME_OWNER, HAND_OVER)

INBOX = "inbox"
EMAIL = "email"

PENDING = "pending"
SENT = "sent"
FAILED = "failed"
SUPPRESSED = "suppressed"

LONGEST_TITLE = 300
NOBODY = "a colleague"
"""Stands for a person whose name has not arrived here yet."""

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
"""How long a letter waits after its first, second, … temporary refusal."""
MOST_ATTEMPTS = len(PAUSES) + 1
AWAY_PAUSE = timedelta(minutes=1)
"""How long everything waits when the mail server itself cannot be reached; that costs no attempt."""
GATHERING = timedelta(minutes=15)
"""How long a letter about somebody who left waits for those who leave with them, so that there is one for all."""
OLD_NEWS = timedelta(days=3)
"""What happened longer ago than this is not mailed: it waits in the inbox, as imported history does."""
MOST_REJECTIONS = 3
"""So many permanent refusals in a row, and an address gets no more letters."""

_BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def one_line(text: str) -> str:
    """The text on one line: every run of blanks and control characters is one blank."""
    return _BREAKS.sub(" ", text).strip()


def shortened(text: str, longest: int) -> str:
    """The text on one line, its end cut off where it is too long."""
    line = one_line(text)
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def received_title(kind: str, name: str | None) -> str:
    """`Praise from Ana Lima`: who, but never what."""
    what = "Praise" if kind == PRAISE_RECEIVED else "Feedback"
    return shortened(f"{what} from {name or NOBODY}", LONGEST_TITLE)


def due_title(count: int) -> str:
    """`3 key results are due for a check-in`."""
    return "1 key result is due for a check-in" if count == 1 else f"{count} key results are due for a check-in"


def at_risk_title(key_result: str) -> str:
    return f"At risk: {shortened(key_result, LONGEST_TITLE - 10)}"


def owner_title(objective: str) -> str:
    return f"You are now an owner of: {shortened(objective, LONGEST_TITLE - 30)}"


def left_title(name: str, *, others: bool = False) -> str:
    """`Ana Lima has left: see what waits for a new owner`: how much that is, is told where it is read."""
    who = f"{shortened(name, LONGEST_TITLE - 100)}{' and others have' if others else ' has'} left"
    return f"{who}: see what waits for {'new owners' if others else 'a new owner'}"


def pause_before(kind: str) -> timedelta:
    """How long a letter of this kind waits before it is first tried."""
    return GATHERING if kind == HAND_OVER else timedelta()


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after this many attempts, or None where it was the last."""
    return PAUSES[attempts - 1] if 0 < attempts <= len(PAUSES) else None


def is_old_news(happened_at: datetime, now: datetime) -> bool:
    return now - happened_at > OLD_NEWS


def channels(email_kinds: Iterable[str]) -> dict[str, dict[str, bool]]:
    """By which channels each kind arrives: the inbox always, e-mail where it is wanted."""
    wanted = set(email_kinds)
    return {kind: {INBOX: True, EMAIL: kind in wanted} for kind in KINDS}


def email_kinds(wanted: Mapping[str, Mapping[str, bool]]) -> list[str]:
    """The kinds somebody wants by e-mail, in our order; what they do not name is off."""
    return [kind for kind in KINDS if wanted.get(kind, {}).get(EMAIL, False)]
