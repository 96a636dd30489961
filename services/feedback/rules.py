"""What may be said to whom: the policy of feedback, as pure functions.

Visibility is decided once, when the words are written, and never widens or narrows afterwards: people write
differently for one pair of eyes than for the whole organisation.
"""

from dataclasses import dataclass
from datetime import datetime

PRAISE = "praise"
FEEDBACK = "feedback"
KINDS = (PRAISE, FEEDBACK)

PUBLIC = "public"
RECIPIENT = "recipient"
RECIPIENT_AND_MANAGER = "recipient_and_manager"
VISIBILITIES = (PUBLIC, RECIPIENT, RECIPIENT_AND_MANAGER)

ABOUT_KINDS = ("objective", "key_result", "check_in")
LONGEST_TEXT = 4000

Complaint = tuple[str, str]
"""A JSON pointer into the request and a sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known here about a person that feedback names."""

    active: bool
    manager_id: str | None = None


def default_visibility(kind: str) -> str:
    """Praise is for everybody unless said otherwise; feedback is for its recipient alone."""
    return PUBLIC if kind == PRAISE else RECIPIENT


def travelling_text(visibility: str, text: str) -> str | None:
    """The words as an event may carry them: only public ones leave this service."""
    return text if visibility == PUBLIC else None


def about_wording(text: str) -> list[Complaint]:
    """Faults of the words themselves."""
    if not text.strip():
        return [("/text", f"There are no words in it; write 1 to {LONGEST_TEXT} characters.")]
    if len(text) > LONGEST_TEXT:
        return [("/text", f"It has {len(text)} characters; shorten it to {LONGEST_TEXT}.")]
    return []


def about_recipient(giver_id: str, recipient_id: str, recipient: Known | None, imported: bool) -> list[Complaint]:
    """Faults of who it is for. An import brings what was: words to oneself, which other tools allow, and to leavers."""
    if giver_id == recipient_id and not imported:
        return [("/recipient_id", "You cannot praise yourself or give yourself feedback; name a colleague.")]
    if recipient is None:
        return [("/recipient_id", "This person is not known here (yet); use the id of a person in the directory.")]
    if not recipient.active and not imported:
        return [("/recipient_id", "This person has left; feedback goes to active persons only.")]
    return []


def about_manager(visibility: str, manager_id: str | None, manager: Known | None) -> list[Complaint]:
    """Faults of a visibility that includes the manager: there must be one, and not one who has left."""
    if visibility != RECIPIENT_AND_MANAGER:
        return []
    if manager_id is None or (manager is not None and not manager.active):
        remedy = "choose the visibility recipient or public, or have their manager recorded first"
        return [("/visibility", f"No manager is known for the recipient; {remedy}.")]
    return []


def about_moment(given_at: datetime | None, now: datetime, imported: bool) -> list[Complaint]:
    """Faults of the moment: people write now, imports bring the past, nobody writes from the future."""
    if given_at is None:
        return []
    if not imported:
        return [("/given_at", "Only a service account may say when it was given; leave it out, and it is now.")]
    if given_at > now:
        return [("/given_at", "This moment has not come yet; give the past moment at which it was written.")]
    return []
