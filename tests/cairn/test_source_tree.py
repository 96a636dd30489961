"""What developers use: the contracts compared with the code, and drafts of migrations, on a copy of the sources."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import run

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("contracts", "chassis", "services", "gateway", "cairn")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the source tree that a test may change."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "events.md", tmp_path / "docs")
    return tmp_path


def command(sources: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    called = [sys.executable, "-m", "cairn", *arguments]
    return subprocess.run(called, cwd=sources, capture_output=True, text=True, timeout=60, check=False)


def test_contracts_that_differ_from_the_code_fail_until_they_are_written_anew(sources: Path) -> None:
    (sources / "docs" / "events.md").write_text("old")
    (sources / "gateway" / "openapi.json").unlink()
    checked = command(sources, "contracts", "check")
    assert checked.returncode == 1
    for said in ("docs/events.md", "gateway/openapi.json", "cairn contracts write"):
        assert said in checked.stderr
    written = command(sources, "contracts", "write").stdout
    assert written.count("written: ") >= 2
    assert command(sources, "contracts", "check").returncode == 0


def test_contracts_are_looked_for_in_the_source_tree_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run({}, "contracts", "write")
    assert (ran.exit_code, "go to the folder" in ran.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("part", "models", "added"),
    [
        ("chassis", "chassis/tables.py", 'Table("colours", METADATA, Column("id", Integer, primary_key=True))'),
        ("people", "services/people/models.py", 'sa.Table("colours", Base.metadata, sa.Column("id", sa.Integer))'),
    ],
)
def test_a_table_that_was_added_becomes_a_revision_that_makes_it(
    sources: Path, part: str, models: str, added: str
) -> None:
    with (sources / models).open("a") as file:
        file.write(f"\nimport sqlalchemy as sa\n\n{added}\n")
    ran = command(sources, "draft-migration", part, "add_colours")
    assert ran.returncode == 0, ran.stderr
    written = Path(ran.stdout.strip().removeprefix("written: "))
    assert written.name.endswith("_add_colours.py")
    assert sources in written.parents
    assert "colours" in written.read_text().split("def upgrade", 1)[1]
    assert command(sources, "draft-migration", part, "again").returncode == 3, "the revision makes what the models say"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["people", "nothing_new"], 3, "already make these tables"),
        (["chassis", "nothing_new"], 3, "already make these tables"),
        (["people", "../evil"], 2, "lower-case letters"),
        (["nobody", "x"], 2, "chassis"),
    ],
)
def test_a_draft_of_nothing_or_under_a_wrong_name_writes_nothing(arguments: list[str], code: int, said: str) -> None:
    ran = run({}, "draft-migration", *arguments)
    assert (ran.exit_code, said in ran.stderr) == (code, True), ran.output
