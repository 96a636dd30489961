"""Four thousand real thanks through the public API, embedded and distributed: feeds and inboxes say what the file says,
words to oneself are kept and are no recognition, and a second run changes nothing."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.signin import tokens
from tests.support.real_files import Row, rows_of, written
from tests.support.stack import Stack, items

pytestmark = pytest.mark.slow

SOURCE = "tec_praise_feedback/praise.csv"
PEOPLE, TO_ONESELF = 227, 290
COLUMNS = ("external_id", "from", "to", "given_at", "text")
Fact = tuple[str, str, str, str]
"""Giver, recipient, day and words."""


@pytest.fixture(scope="session")
def rows() -> list[Row]:
    return rows_of(SOURCE)


@pytest.fixture(scope="session")
def names(rows: list[Row]) -> list[str]:
    return sorted({row[side] for row in rows for side in ("from_id", "to_id")})


@pytest.fixture(scope="session")
def token(stack: Stack, rows: list[Row]) -> str:
    return stack.admin()


@pytest.fixture(scope="session")
def people(stack: Stack, token: str, names: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Everybody in the file, by id."""
    known = [{"external_id": name, "email": f"{name.lower()}@example.org", "display_name": name} for name in names]
    file = written(tmp_path_factory.mktemp("praise") / "people.csv", tuple(known[0]), known)
    stack.cairn("import", "people", str(file), CAIRN_TOKEN=token)
    with stack.client(token) as client:
        found = {one["id"]: one["external_id"] for one in items(client, "persons") if one["external_id"] in names}
    assert len(found) == len(names) == PEOPLE
    return found


@pytest.fixture(scope="session")
def praised(
    stack: Stack, token: str, people: dict[str, str], rows: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The file in Cairn's own layout, imported."""
    file = praise_file(tmp_path_factory.mktemp("praise") / "praise.csv", rows)
    said = stack.cairn("import", "praise", str(file), CAIRN_TOKEN=token).stdout
    assert f"{len(rows)} sent, 0 known already ({TO_ONESELF} to oneself" in said
    stack.settle(120)
    return file


def praise_file(path: Path, rows: list[Row]) -> Path:
    from cairn.exchange.layouts.csv_files import write
    from cairn.exchange.layouts.native import Item
    from cairn.exchange.praise import PRAISE, given_at

    cells = [
        {"external_id": row["feedback_id"], "from": row["from_id"], "to": row["to_id"], "text": row["text"]}
        | {"given_at": given_at(row["date"])}
        for row in rows
    ]
    path.write_text(write([Item("praise", one) for one in cells], PRAISE), encoding="utf-8", newline="")
    return path


@pytest.fixture
def client(stack: Stack, token: str) -> Iterator[httpx.Client]:
    with stack.client(token) as opened:
        yield opened


def facts(rows: list[Row]) -> dict[str, Fact]:
    return {row["feedback_id"]: (row["from_id"], row["to_id"], row["date"], row["text"]) for row in rows}


def given(people: dict[str, str], found: list[dict[str, Any]]) -> dict[str, Fact]:
    return {
        one["external_id"]: (
            people[one["giver_id"]], people[one["recipient_id"]], one["given_at"][:10], one["text"]
        )
        for one in found
    }  # fmt: skip


def test_every_word_and_day_is_kept(
    client: httpx.Client, rows: list[Row], people: dict[str, str], praised: Path
) -> None:
    found = items(client, "feedback", kind="praise")
    assert len(found) == len(rows) == 4104
    assert given(people, found) == facts(rows)
    days = [one["given_at"] for one in found]
    assert days == sorted(days, reverse=True)
    assert sum(len(one["text"]) == 400 for one in found) == sum(len(row["text"]) == 400 for row in rows) > 0
    assert sum("\u200d" in one["text"] for one in found) == sum("\u200d" in row["text"] for row in rows) > 0


def test_each_persons_list_holds_exactly_what_the_file_gives_them(
    client: httpx.Client, rows: list[Row], people: dict[str, str], praised: Path
) -> None:
    for side, column in (("recipient_id", "to_id"), ("giver_id", "from_id")):
        wanted: dict[str, dict[str, Fact]] = defaultdict(dict)
        for row in rows:
            wanted[row[column]] |= facts([row])
        for person_id, name in people.items():
            assert given(people, items(client, "feedback", **{side: person_id})) == wanted[name], (side, name)


def test_the_feed_of_recognition_holds_all_but_words_to_oneself(
    client: httpx.Client, rows: list[Row], people: dict[str, str], praised: Path
) -> None:
    feed = [one["praise"] for one in items(client, "activity", kinds="praise")]
    shown = Counter((people[one["giver"]["id"]], people[one["recipient"]["id"]], one["text"]) for one in feed)
    others = [row for row in rows if row["from_id"] != row["to_id"]]
    assert shown == Counter((row["from_id"], row["to_id"], row["text"]) for row in others)
    assert len(feed) == len(rows) - TO_ONESELF == 3814


def test_every_inbox_holds_one_entry_for_each_thank_you_of_somebody_else(
    stack: Stack, rows: list[Row], people: dict[str, str], praised: Path
) -> None:
    wanted = Counter((row["to_id"], row["from_id"]) for row in rows if row["from_id"] != row["to_id"])
    entries: Counter[tuple[str, str]] = Counter()
    with stack.parts() as parts:
        secrets = {
            name: tokens.issue_for_email(parts["gateway"], f"{name.lower()}@example.org", scopes=("*",), days=1)
            for name in people.values()
        }
    with stack.client("") as own:
        for name, secret in secrets.items():
            own.headers["Authorization"] = f"Bearer {secret}"
            inbox = items(own, "notifications", kind="praise_received")
            assert all(entry["subject_kind"] == "feedback" for entry in inbox)
            entries.update((name, entry["title"].removeprefix("Praise from ")) for entry in inbox)
            unread = own.get("/api/v1/notifications/unread-count").raise_for_status().json()
            assert unread == {"count": len(inbox)}
    assert entries == wanted


def test_a_second_run_changes_nothing(
    stack: Stack, token: str, client: httpx.Client, rows: list[Row], people: dict[str, str], praised: Path
) -> None:
    before = items(client, "feedback", kind="praise")
    said = stack.cairn("import", "praise", str(praised), CAIRN_TOKEN=token).stdout
    assert f"0 sent, {len(rows)} known already" in said
    again = before[0]
    body = {name: again[name] for name in ("kind", "giver_id", "recipient_id", "text", "given_at", "external_id")}
    repeated = client.post("/api/v1/feedback", json=body)
    assert (repeated.status_code, repeated.json()["id"]) == (201, again["id"])
    stack.settle(60)
    assert items(client, "feedback", kind="praise") == before
    assert len(items(client, "activity", kinds="praise")) == len(rows) - TO_ONESELF


def test_what_is_wrong_is_told_by_line_and_column_and_nothing_is_sent(
    stack: Stack,
    token: str,
    client: httpx.Client,
    rows: list[Row],
    people: dict[str, str],
    praised: Path,
    tmp_path: Path,
) -> None:
    with praised.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    broken = [
        {**lines[0], "external_id": "N1", "to": "PR9999"},
        {**lines[0], "external_id": "N2", "to": ""},
        {**lines[0], "external_id": "N3", "given_at": "2999-01-01"},
        {**lines[0], "external_id": "N4", "text": " "},
        {**lines[0], "external_id": "N5", "text": "🙌" * 4001},
        {**lines[0], "text": "Something else"},
        {**lines[0], "external_id": "N7"},
    ]
    file = written(tmp_path / "broken.csv", list(lines[0]), broken)
    refused = stack.cairn("import", "praise", str(file), CAIRN_TOKEN=token, check=False)
    assert refused.returncode == 3
    told = refused.stderr
    assert "line 3, to: This is empty." in told
    mended = [row for row in broken if row["external_id"] not in ("N2", "N4", "N5")]
    refused = stack.cairn(
        "import", "praise", str(written(file, list(lines[0]), mended)), CAIRN_TOKEN=token, check=False
    )
    assert refused.returncode == 3
    for beginning in (
        "line 2, to: Nobody is known as “PR9999”.",
        "line 3, given_at: This moment has not come yet.",
        "line 4, external_id: “",
    ):
        assert beginning in refused.stderr
    assert "Nothing was imported." in refused.stderr
    assert len(items(client, "feedback", kind="praise")) == len(rows)


def test_nobody_but_an_import_praises_themselves(
    stack: Stack, rows: list[Row], people: dict[str, str], praised: Path
) -> None:
    me, name = next(iter(people.items()))
    with stack.parts() as parts:
        secret = tokens.issue_for_email(parts["gateway"], f"{name.lower()}@example.org", scopes=("*",), days=1)
    with stack.client(secret) as own:
        refused = own.post("/api/v1/feedback", json={"kind": "praise", "recipient_id": me, "text": "Well done, me"})
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert refused.json()["errors"][0]["pointer"] == "/recipient_id"
    assert "name a colleague" in refused.json()["errors"][0]["detail"]
