"""Real organisations as files in the native layouts. The sources are read where they lie; without them tests skip.

Every function writes into `folder` and answers the path. What a source leaves open is decided once, and said at the
function that decides it. `rust_series` and `puzzle_latest` tell what must come out, straight from the sources.
"""

from collections import defaultdict
from pathlib import Path

from tests.support.real_files import PEOPLE, Row, data_root, rows_of, written
from tests.support.real_puzzle import puzzle_check_ins, puzzle_latest, puzzle_okrs, puzzle_people, puzzle_teams
from tests.support.real_rust import (
    rust_check_ins,
    rust_okrs,
    rust_outsiders,
    rust_people,
    rust_series,
    rust_teams,
    rust_updates,
)

__all__ = [
    "data_root",
    "puzzle_check_ins",
    "puzzle_latest",
    "puzzle_okrs",
    "puzzle_people",
    "puzzle_teams",
    "rows_of",
    "rust_check_ins",
    "rust_okrs",
    "rust_outsiders",
    "rust_people",
    "rust_series",
    "rust_teams",
    "rust_updates",
    "sourcegraph_people",
]


def sourcegraph_people(folder: Path) -> Path:
    """266 people. Two of them have a second post: its title is noted after that of the first, whose manager stands."""
    posts: dict[str, list[Row]] = defaultdict(list)
    for row in rows_of("sourcegraph_org/people_2022-05.csv"):
        posts[row["person_id"]].append(row)
    rows = [
        {
            "external_id": person,
            "email": held[0]["email"],
            "display_name": held[0]["display_name"],
            "title": "; also ".join(post["title"] for post in held),
            "manager_external_id": held[0]["manager_id"],
        }
        for person, held in posts.items()
    ]
    return written(folder / "sourcegraph_people.csv", PEOPLE[:-1], rows)
