"""`cairn watch`: files dropped into a folder are imported and moved away with a report, whatever is killed when."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.stack import ROOT, Stack, embedded

pytestmark = pytest.mark.slow

HEADER = "external_id,email,display_name\n"


class Drop:
    """A folder beside a running Cairn; every test has marks of its own, so that they share the Cairn."""

    def __init__(self, stack: Stack, token: str, folder: Path) -> None:
        self.stack, self.token, self.folder = stack, token, folder
        self.mark = uuid4().hex[:8]

    def file(self, name: str, *rows: str, folder: str = "") -> Path:
        path = self.folder / folder / name
        path.parent.mkdir(exist_ok=True)
        lines = [f"{self.mark}-{row}\n" for row in rows]
        path.write_text(HEADER + "".join(lines), encoding="utf-8")
        return path

    def person(self, name: str) -> str:
        return f"{name},{self.mark}.{name}@drop.example,{name.title()}"

    def watch(self, failpoint: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Look twice and carry out what is complete."""
        own = {"CAIRN_TOKEN": self.token, "CAIRN_URL": self.stack.url, **environment}
        if failpoint:
            own["CAIRN_FAILPOINT"] = f"{failpoint}:kill@1"
        command = [sys.executable, "-m", "cairn", "watch", str(self.folder), "--once", "--every", "0.2"]
        return subprocess.run(
            command, cwd=ROOT, env={**self.stack.environment, **own}, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip

    def lying(self, below: str = "") -> list[str]:
        """The names of the files in a folder, without the time in front."""
        folder = self.folder / below
        files = [path.name for path in folder.iterdir() if path.is_file()] if folder.exists() else []
        return sorted(name.partition("_")[2] or name for name in files)

    def get(self, path: str, **query: Any) -> Any:
        with self.stack.client(self.token) as client:
            return client.get(f"/api/v1/{path}", params=query).raise_for_status().json()

    def people(self) -> list[str]:
        return [one["display_name"] for one in self.get("persons", q=self.mark)["items"]]

    def imports(self) -> list[dict[str, Any]]:
        with self.stack.client(self.token) as client:
            rows = client.get("/api/v1/imports", params={"limit": 200}).json()["items"]
        return [one for one in rows if (one["name"] or "").startswith(self.mark)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, str]]:
    with embedded(tmp_path_factory.mktemp("cairn")) as stack:
        yield stack, stack.admin()


@pytest.fixture
def drop(running: tuple[Stack, str], tmp_path: Path) -> Drop:
    return Drop(*running, tmp_path)


def test_a_file_is_imported_and_moved_with_its_report(drop: Drop) -> None:
    drop.file("people.csv", drop.person("amara"), drop.person("boris"))
    ran = drop.watch()
    assert (ran.returncode, ran.stderr) == (0, "")
    assert drop.people() == ["Amara", "Boris"]
    assert drop.lying() == []
    assert drop.lying("done") == ["people.csv", "people.csv.txt"]


def test_a_refused_file_comes_with_its_errors_and_can_be_dropped_again_when_mended(drop: Drop) -> None:
    drop.file("people.csv", drop.person("amara"), "chitra,no address,Chitra")
    ran = drop.watch()
    assert ran.returncode == 3
    assert drop.lying("refused") == ["people.csv", "people.csv.errors.csv", "people.csv.txt"]
    report = next((drop.folder / "refused").glob("*.txt")).read_text()
    assert "line 3, email “no address”" in report
    errors = next((drop.folder / "refused").glob("*.errors.csv"))
    mended = errors.read_text().replace("no address", f"{drop.mark}.chitra@drop.example")
    (drop.folder / "mended.csv").write_text(mended)
    assert drop.watch().returncode == 0
    assert drop.people() == ["Chitra"]


def test_what_is_not_complete_or_no_file_is_left_alone(drop: Drop) -> None:
    whole = drop.file("people.csv", drop.person("amara"))
    whole.rename(drop.folder / "people.csv.part")
    drop.file(".hidden.csv", drop.person("boris"))
    (drop.folder / "empty.csv").touch()
    (drop.folder / "link.csv").symlink_to(drop.folder / ".hidden.csv")
    assert drop.watch().returncode == 0
    assert drop.lying() == [".hidden.csv", "empty.csv", "link.csv", "people.csv.part"]
    assert drop.people() == []


def test_a_file_in_a_folder_below_is_read_with_the_profile_of_that_name(drop: Drop) -> None:
    with drop.stack.client(drop.token) as client:
        body = {"map": {"external_id": "external_id", "email": "email", "display_name": "=Mapped"}}
        client.put(f"/api/v1/import-profiles/{drop.mark}", json=body).raise_for_status()
    drop.file("people.csv", drop.person("amara"), folder=drop.mark)
    assert drop.watch().returncode == 0
    assert drop.people() == ["Mapped"]
    assert drop.lying(f"{drop.mark}/done") == ["people.csv", "people.csv.txt"]


def test_a_file_for_a_profile_that_is_not_there_is_refused(drop: Drop) -> None:
    drop.file("people.csv", drop.person("amara"), folder="nobody-made-it")
    assert drop.watch().returncode == 3
    assert "no profile" in next((drop.folder / "nobody-made-it" / "refused").glob("*.txt")).read_text()


def test_the_same_content_twice_is_told(drop: Drop) -> None:
    for name in ("first.csv", "second.csv"):
        drop.file(name, drop.person("amara"))
        assert drop.watch().returncode == 0
    reports = {path.name.partition("_")[2]: path.read_text() for path in (drop.folder / "done").glob("*.txt")}
    assert "imported before" not in reports["first.csv.txt"]
    assert "imported before" in reports["second.csv.txt"]


@pytest.mark.parametrize("point", ["watch.sent", "watch.errors", "watch.reported", "watch.moved"])
def test_a_watcher_that_is_killed_does_nothing_twice(drop: Drop, point: str) -> None:
    name = f"{drop.mark}.csv"
    drop.file(name, drop.person("amara"), "chitra,no address,Chitra")
    assert drop.watch(point).returncode == -signal.SIGKILL
    assert drop.watch().returncode == (0 if point == "watch.moved" else 3)
    assert drop.lying() == []
    assert drop.lying("refused") == [name, f"{name}.errors.csv", f"{name}.txt"]
    assert len(drop.imports()) == 1


def test_two_watchers_of_one_folder_are_refused(drop: Drop) -> None:
    import fcntl

    descriptor = os.open(drop.folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    ran = drop.watch()
    os.close(descriptor)
    assert ran.returncode == 2
    assert "Another" in ran.stderr


def test_while_cairn_is_away_files_wait(drop: Drop) -> None:
    drop.file("people.csv", drop.person("amara"))
    ran = drop.watch(CAIRN_URL="http://127.0.0.1:1")
    assert ran.returncode == 4
    assert drop.lying() == ["people.csv"]
