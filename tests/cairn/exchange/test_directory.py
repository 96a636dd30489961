"""Whom a name may mean."""

from typing import Any

import pytest

from cairn.exchange.directory import PERSON, TEAM, Directory
from cairn.exchange.layouts.wrong import Wrong


@pytest.fixture
def directory() -> Directory:
    found = Directory()
    for id, name, more in (
        ("1", "Ana Souza", {}),
        ("2", "José García", {"given_name": "José Luis", "family_name": "García"}),
        ("3", "Kim Lee", {}),
        ("4", "kim  lee", {"active": False}),
    ):
        found.add(PERSON, person(id, name, **more))
    found.add(TEAM, {"id": "9", "external_id": "T1", "name": "Sales Team", "archived": False})
    return found


def person(id: str, name: str, **more: Any) -> dict[str, Any]:
    usual = {"external_id": None, "email": f"p{id}@example.org", "active": True, "given_name": None}
    return {"id": id, "display_name": name, **usual, **more}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Ana Souza", ["1"]),
        ("  ANA souza ", ["1"]),
        ("Souza, Ana", ["1"]),
        ("jose garcia", ["2"]),
        ("García, José Luis", ["2"]),
        ("Kim Lee", ["3", "4"]),
        ("Ana", []),
        ("Ana Souzas", []),
        ("", []),
        (",", []),
    ],
)
def test_a_name_finds_all_who_bear_it(directory: Directory, text: str, ids: list[str]) -> None:
    assert directory.bearers(PERSON, text) == ids


def test_teams_have_names_of_their_own(directory: Directory) -> None:
    assert directory.bearers(TEAM, "sales team") == ["9"]
    assert directory.bearers(PERSON, "sales team") == []


def test_native_files_name_nobody_by_name(directory: Directory) -> None:
    assert isinstance(directory.person("Ana Souza"), Wrong)
