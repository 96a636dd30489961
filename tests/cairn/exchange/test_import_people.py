"""`cairn import people` as HR uses it: real exports, a look before it happens, errors to mend, profiles and parts."""

import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from uuid import uuid4

import pytest

from cairn.exchange.layouts.wrong import Rejected
from cairn.exchange.parts import joined
from tests.support.real_files import data_root
from tests.support.stack import Stack, embedded

HEADER = "external_id,email,display_name,manager_external_id,title\n"


class Desk:
    """A running Cairn, a token, and a folder of files; every test has people of its own."""

    def __init__(self, stack: Stack, token: str, folder: Path) -> None:
        self.stack, self.token, self.folder = stack, token, folder
        self.mark = uuid4().hex[:6]

    def row(self, name: str, manager: str = "", title: str = "", email: str | None = None) -> str:
        address = f"{self.mark}.{name}@desk.example" if email is None else email
        above = f"{self.mark}-{manager}" if manager else ""
        return f"{self.mark}-{name},{address},{name.title()},{above},{title}\n"

    def file(self, *rows: str, name: str = "people.csv", header: str = HEADER) -> str:
        path = self.folder / name
        path.write_text(header + "".join(rows), encoding="utf-8")
        return str(path)

    def run(self, *arguments: str) -> CompletedProcess[str]:
        return self.stack.cairn("import", *arguments, check=False, CAIRN_TOKEN=self.token)

    def people(self) -> dict[str, Any]:
        with self.stack.client(self.token) as client:
            found = client.get("/api/v1/persons", params={"q": self.mark, "limit": 200}).raise_for_status().json()
        return {one["display_name"]: one for one in found["items"]}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, str]]:
    with embedded(tmp_path_factory.mktemp("cairn")) as stack:
        yield stack, stack.admin()


@pytest.fixture
def desk(running: tuple[Stack, str], tmp_path: Path) -> Desk:
    return Desk(*running, tmp_path)


def test_a_dry_run_shows_who_comes_moves_and_changes_and_changes_nothing(desk: Desk) -> None:
    rows = desk.row("amara"), desk.row("boris", "amara"), desk.row("chitra", "amara")
    assert desk.run("people", desk.file(*rows)).returncode == 0
    before = desk.people()
    rows = desk.row("amara", title="Chair"), desk.row("boris"), desk.row("dele", "boris")
    ran = desk.run("people", desk.file(*rows), "--dry-run")
    assert ran.returncode == 0, ran.stderr
    assert "people: 3 rows: would be 1 created, 2 changed, 0 unchanged, 0 deactivated" in ran.stdout
    assert f"Joiners (1):\n  line 4: Dele ({desk.mark}-dele)\n" in ran.stdout
    assert f"Movers (1):\n  line 3: Boris ({desk.mark}-boris): manager: Amara → -\n" in ran.stdout
    assert f"Changes (1):\n  line 2: Amara ({desk.mark}-amara): title: - → Chair\n" in ran.stdout
    assert desk.people() == before


def test_a_dry_run_is_applied_by_its_id(desk: Desk) -> None:
    ran = desk.run("people", desk.file(desk.row("amara")), "--dry-run")
    apply = ran.stdout.rpartition("cairn import apply ")[2].strip().strip("`")
    assert desk.people() == {}
    assert desk.run("apply", apply).returncode == 0
    assert list(desk.people()) == ["Amara"]
    again = desk.run("apply", apply)
    assert again.returncode == 3
    assert "judged and not applied" in again.stderr


def test_rejected_rows_are_written_mended_and_imported(desk: Desk) -> None:
    errors = str(desk.folder / "errors.csv")
    ran = desk.run("people", desk.file(desk.row("amara"), desk.row("boris", email="no address")), "--errors", errors)
    assert ran.returncode == 3
    assert "line 3, email “no address”" in ran.stderr
    content = Path(errors).read_text(encoding="utf-8")
    assert "email: This is not an e-mail address." in content
    Path(errors).write_text(content.replace("no address", f"{desk.mark}.boris@desk.example"), encoding="utf-8")
    assert desk.run("people", errors).returncode == 0
    assert list(desk.people()) == ["Boris"]


def test_with_partial_the_good_rows_are_applied(desk: Desk) -> None:
    ran = desk.run("people", desk.file(desk.row("amara"), desk.row("boris", email="no address")), "--partial")
    assert ran.returncode == 0
    assert "1 row rejected" in ran.stdout
    assert list(desk.people()) == ["Amara"]


def test_json_says_the_same(desk: Desk) -> None:
    ran = desk.run("people", desk.file(desk.row("amara"), desk.row("boris", email="no address")), "--dry-run", "--json")
    (told,) = json.loads(ran.stdout)
    assert (told["state"], told["counts"]["created"], told["counts"]["rejected"]) == ("judged", 1, 1)
    assert [row["name"] for row in told["first"]["joined"]] == ["Amara"]
    assert told["first"]["rejected"][0]["wrong"][0]["column"] == "email"
    assert ran.returncode == 3


def test_a_profile_is_saved_and_used(desk: Desk) -> None:
    name = f"desk-{desk.mark}"
    header = "Ref,Post,Known as\n"
    file = desk.file(f"{desk.mark}-1,{desk.mark}@desk.example,Grace\n", header=header)
    mapped = "external_id=Ref,email=Post,display_name=Known as"
    assert desk.run("people", file, "--map", mapped, "--save-profile", name).returncode == 0
    ran = desk.run("people", file, "--profile", name)
    assert ran.returncode == 0, ran.stderr
    assert "0 created, 0 changed, 1 unchanged" in ran.stdout


def test_a_map_that_names_no_header_is_refused_with_what_is_meant(desk: Desk) -> None:
    file = desk.file(f"1,{desk.mark}@desk.example,Grace\n", header="Ref,Post,Known as\n")
    ran = desk.run("people", file, "--map", "external_id=Reff,email=Post,display_name=Known as")
    assert ran.returncode == 3
    assert "Ref" in ran.stderr


def test_parts_are_one_import_and_lines_are_told_by_part(desk: Desk) -> None:
    first = desk.file(desk.row("amara", "boris"), name="first.csv")
    second = desk.file(desk.row("boris"), desk.row("chitra", email="no address"), name="second.csv")
    ran = desk.run("people", first, second, "--partial")
    assert ran.returncode == 0
    assert "second.csv, line 3, email" in ran.stdout
    assert desk.people()["Amara"]["manager"]["display_name"] == "Boris"


@pytest.mark.parametrize(
    ("file", "joined", "left_out"),
    [
        ("15five_bulk_import.csv", 266, 0),
        ("sap_successfactors_user_data_file.csv", 266, 0),
        ("lattice_people_sftp.csv", 266, 46),
    ],
)
def test_real_exports_come_in_as_they_are(tmp_path: Path, file: str, joined: int, left_out: int) -> None:
    path = data_root() / "hris_layouts" / file
    with embedded(tmp_path) as stack:
        desk = Desk(stack, stack.admin(), tmp_path)
        dry = desk.run("people", str(path), "--dry-run")
        assert f"would be {joined} created" in dry.stdout
        assert (f"{left_out} skipped" in dry.stdout) == bool(left_out)
        assert desk.run("people", str(path)).returncode == 0
        with stack.client(desk.token) as client:
            top = client.get("/api/v1/persons", params={"active": "true", "limit": 200})
            items = top.json()["items"]
            items += client.get("/api/v1/persons", params={"limit": 200, "cursor": top.json()["next"]}).json()["items"]
        assert sum(one["manager_id"] is not None for one in items) == 265
        assert [one["display_name"] for one in items if one["manager_id"] is None] == ["Glen Charles"]


class TestParts:
    def test_keep_the_header_once(self) -> None:
        whole = joined(["a", "b"], [b"\xef\xbb\xbfid,name\r\n1,A", b"id,name\n2,B\n"])
        assert whole.content == b"id,name\r\n1,A\n2,B\n"

    def test_know_where_a_line_came_from(self) -> None:
        whole = joined(["a", "b"], [b"id\n1\n2\n", b"id\n3\n"])
        assert [whole.place(line) for line in (1, 3, 4)] == ["a, line 1", "a, line 3", "b, line 2"]

    def test_with_different_headers_are_refused(self) -> None:
        with pytest.raises(Rejected, match="b: Its header is not that of a"):
            joined(["a", "b"], [b"id\n1\n", b"key\n2\n"])

    def test_of_workbooks_are_refused(self) -> None:
        with pytest.raises(Rejected, match="Only CSV"):
            joined(["a", "b"], [b"id\n1\n", b"PK\x03\x04"])

    def test_of_two_header_lines_lose_both(self) -> None:
        whole = joined(["a", "b"], [b"ID\nId\n1\n", b"ID\nId\n2\n"])
        assert whole.content == b"ID\nId\n1\n2\n"
