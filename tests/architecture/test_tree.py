"""The shape of the tree: the same file names in every service, names that say what is inside, imports that point
down, and tests that never sleep."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cairn import topology

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("contracts", "chassis", "services", "gateway", "cairn")
REQUIRED = {"app", "api", "schemas", "commands", "queries", "models", "rules", "migrations"}
OPTIONAL = {"handlers"}
"""Who hears of nobody has none."""
OF_ITS_OWN = {"goals": {"graph", "rollup"}, "notifications": {"mail"}, "people": {"layouts", "reporting", "uploads"}}
"""What one service alone has to do."""
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "base", "manager", "managers", "misc"}
LONGEST = 400


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("service", topology.SERVICES)
def test_every_service_has_the_same_file_names(service: str) -> None:
    entries = {
        path.stem
        for path in (ROOT / "services" / service).iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    } - {"__init__"}
    assert entries >= REQUIRED
    assert entries - REQUIRED - OPTIONAL == OF_ITS_OWN.get(service, set())


def test_no_module_has_a_name_that_says_nothing() -> None:
    every = [path.relative_to(ROOT) for path in sources(*FOLDERS, "tests", "benchmarks", "deploy")]
    assert [str(path) for path in every if EMPTY_NAMES & {*path.parts[:-1], path.stem}] == []


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {named(path): len(path.read_text().splitlines()) for path in sources(*FOLDERS, "tests")}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_every_module_says_what_it_is() -> None:
    silent = [path for path in sources(*FOLDERS) if path.read_text() and not ast.get_docstring(_parsed(path))]
    assert [named(path) for path in silent] == []


def test_no_test_sleeps() -> None:
    calls = [
        f"{named(path)}:{node.lineno}"
        for path in sources("tests")
        for node in ast.walk(_parsed(path))
        if isinstance(node, ast.Call) and _called(node) == "sleep"
    ]
    assert calls == []


def test_no_test_goes_without_an_assertion() -> None:
    """Asserting may be done by what it calls, so only tests that call nothing are found here."""
    empty = [
        f"{named(path)}:{node.lineno}"
        for path in sources("tests")
        for node in ast.walk(_parsed(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not _does_something(node)
    ]
    assert empty == []


def test_imports_keep_their_contracts() -> None:
    # In a process of its own: the linter sets up logging for itself and would silence every logger of this one.
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_the_import_contracts_know_every_service() -> None:
    from importlinter.api import read_configuration

    options = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    services = {f"services.{name}" for name in topology.SERVICES}
    strangers = next(one for one in options if one["type"] == "independence")
    layers = next(one for one in options if one["type"] == "layers" and "containers" in one)
    assert set(strangers["modules"]) == services | {"gateway"}
    assert set(layers["containers"]) == services


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _does_something(test: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Assert | ast.Call) for node in ast.walk(ast.Module(test.body, [])))
