"""Keeps what is generated from the event classes beside them, and holds them against the last release.

`contracts/generated` and `docs/events.md` always say what the code says. `contracts/released` is the snapshot of the
last release; only `release` changes it, and only if nothing breaks. Run with `python -m contracts.generate`.
"""

import json
import sys
from pathlib import Path
from typing import Any

from contracts.asyncapi import asyncapi
from contracts.compatibility import language_breaks
from contracts.reference import reference
from contracts.schemas import schemas

SCHEMAS = Path("contracts/generated/schemas")
ASYNCAPI = Path("contracts/generated/asyncapi.json")
REFERENCE = Path("docs/events.md")
RELEASED = Path("contracts/released/schemas")


class BreaksRelease(Exception):
    """The events no longer agree with the last release; says where, one sentence a line."""


def write(root: Path) -> list[Path]:
    """Bring all generated files under the repository root up to date; answers those that changed or went away."""
    return _put(root, _generated(), SCHEMAS)


def check(root: Path) -> list[str]:
    """What is wrong with the committed files, as sentences: stale, missing or orphaned ones, and broken promises."""
    wanted = _generated()
    faults = [_fault(root, path, text) for path, text in wanted.items()]
    faults += [f"{path} belongs to no event." for path in _orphans(root, wanted, SCHEMAS)]
    return [fault for fault in faults if fault] + _broken_promises(root)


def release(root: Path) -> list[Path]:
    """Make the present events the released ones; answers the files that changed. Raises BreaksRelease."""
    if (root / RELEASED).exists() and (broken := _broken_promises(root)):
        raise BreaksRelease("\n".join(broken))
    return _put(root, _schema_files(RELEASED), RELEASED)


def main(arguments: list[str]) -> int:
    """Do what the one argument says, to the current directory; answers the exit code."""
    match arguments:
        case ["write"]:
            return _say([f"wrote {path}" for path in write(Path())])
        case ["check"]:
            return _say(faults := check(Path())) or int(bool(faults))
        case ["release"]:
            return _release()
    return _say(["usage: python -m contracts.generate write|check|release"]) or 2


def _release() -> int:
    try:
        return _say([f"released {path}" for path in release(Path())])
    except BreaksRelease as refused:
        advice = "Nothing was released. A breaking change is a new class `...V2` beside the old one."
        return _say([str(refused), advice]) or 1


def _say(lines: list[str]) -> int:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _generated() -> dict[Path, str]:
    return _schema_files(SCHEMAS) | {ASYNCAPI: _json(asyncapi()), REFERENCE: reference()}


def _schema_files(folder: Path) -> dict[Path, str]:
    return {folder / f"{type_}.json": _json(schema) for type_, schema in schemas().items()}


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _put(root: Path, wanted: dict[Path, str], folder: Path) -> list[Path]:
    changed = [path for path, text in wanted.items() if _fault(root, path, text)]
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(wanted[path], encoding="utf-8")
    orphans = _orphans(root, wanted, folder)
    for path in orphans:
        (root / path).unlink()
    return changed + orphans


def _orphans(root: Path, wanted: dict[Path, str], folder: Path) -> list[Path]:
    found = sorted((root / folder).glob("*.json"))
    return [path.relative_to(root) for path in found if path.relative_to(root) not in wanted]


def _fault(root: Path, path: Path, text: str) -> str:
    if not (root / path).exists():
        return f"{path} is missing."
    return "" if (root / path).read_text(encoding="utf-8") == text else f"{path} says something else than the code."


def _broken_promises(root: Path) -> list[str]:
    snapshot = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (root / RELEASED).glob("*.json")}
    if not snapshot:
        return [f"{RELEASED} is empty: without the last release nothing can be held against it."]
    return language_breaks(snapshot, schemas())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
