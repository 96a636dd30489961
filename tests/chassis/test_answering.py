"""Who should check in on a key result."""

import pytest

from chassis.answering import Member, Ownership, answerable

GONE = {"gone": "boss", "gone_too": "gone", "loop": "loop_too", "loop_too": "loop", "boss": None, "top": None}


def find(person_id: str) -> Member | None:
    if person_id == "stranger":
        return None
    left = person_id.startswith(("gone", "loop", "top"))
    return Member(person_id, not left, GONE.get(person_id))


def members(team_id: str) -> set[str]:
    return {"full": {"dele", "elif", "gone"}, "empty": set()}[team_id]


@pytest.mark.parametrize(
    ("owned", "expected"),
    [
        (Ownership("amara", "boris"), {"amara"}),
        (Ownership(None, "boris"), {"boris"}),
        (Ownership("gone", "boris"), {"boris"}),
        (Ownership("stranger", "boris"), {"stranger"}),
        (Ownership(None, None, "lead", "full"), {"lead"}),
        (Ownership(None, None, None, "full"), {"dele", "elif"}),
        (Ownership(None, None, "gone", "full"), {"dele", "elif"}),
        (Ownership("gone", None, None, "empty"), {"boss"}),
        (Ownership("gone_too", "gone"), {"boss"}),
        (Ownership("loop", "top"), set()),
        (Ownership(), set()),
    ],
)
def test_the_nearest_owner_who_is_still_here_answers(owned: Ownership, expected: set[str]) -> None:
    assert answerable(owned, find, members) == expected
