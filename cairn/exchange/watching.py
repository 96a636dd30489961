"""A folder into which an HR system drops files: whatever is complete is sent, and moved away with its report.

A file is complete when two looks find it the same. It is sent under a key made of its place, time and content, and
moved last: killed at any point, the next look does the rest, and the server counts the file once.
"""

import hashlib
import os
import stat
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cairn.exchange import diff, uploads
from cairn.exchange.client import ApiRefused, Client
from cairn.exchange.uploads import Ended
from chassis.failpoints import failpoint

DONE, REFUSED = "done", "refused"
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".swp")
MOST_ROWS = 200
Seen = Mapping[Path, tuple[int, int]]
"""Size and time of last change of each file."""


@dataclass(frozen=True, slots=True)
class Drop:
    """What became of a file: where it lies now, and the report that lies beside it."""

    path: Path
    good: bool
    lines: list[str]


def look(folder: Path) -> dict[Path, tuple[int, int]]:
    """The files that lie in the folder, or in one below it that has the name of a profile."""
    found = {}
    for path, facts in [*_entries(folder), *(one for below in _profiles(folder) for one in _entries(below))]:
        # A link could lead anywhere on this machine, and whoever may write here need not be allowed to read that.
        if stat.S_ISREG(facts.st_mode) and facts.st_size and not path.name.lower().endswith(UNFINISHED):
            found[path] = (facts.st_size, facts.st_mtime_ns)
    return found


def complete(before: Seen, now: Seen) -> list[Path]:
    """The files that have not changed between two looks, the oldest first."""
    return sorted((path for path in now if before.get(path) == now[path]), key=lambda path: (now[path][1], path.name))


def carry(client: Client, folder: Path, path: Path, options: Mapping[str, Any]) -> Drop:
    """Send a file, wait for its end, write the report and move it away. Raises ApiFailure, OSError."""
    content, changed = path.read_bytes(), path.stat().st_mtime_ns
    own = {**options, "name": path.name, **({"profile": path.parent.name} if path.parent != folder else {})}
    key = _key(
        str(path.relative_to(folder)), str(changed), hashlib.sha256(content).hexdigest(), str(sorted(own.items()))
    )
    try:
        sent = uploads.send(client, content, own, key=key)
    except ApiRefused as fault:
        return _away(path, f"{key}_{path.name}", Drop(path, False, [str(fault)]))
    failpoint("watch.sent")
    ended = uploads.ended(client, sent, MOST_ROWS, lambda _: None)
    name = f"{ended.upload['sent_at'].replace(':', '').rstrip('Z')}_{path.name}"
    if ended.counts.get("rejected"):
        errors = client.download(f"imports/{sent['id']}/errors")
        ending = "xlsx" if errors.startswith(b"PK") else "csv"
        _write(_target(path, ended.good) / f"{name}.errors.{ending}", errors)
        failpoint("watch.errors")
    return _away(path, name, Drop(path, ended.good, list(_report(ended))))


def _away(path: Path, name: str, drop: Drop) -> Drop:
    """Write the report beside where the file is to lie, then move it there."""
    target = _target(path, drop.good)
    _write(target / f"{name}.txt", "".join(f"{line}\n" for line in drop.lines).encode())
    failpoint("watch.reported")
    path.replace(target / name)
    failpoint("watch.moved")
    return Drop(target / name, drop.good, drop.lines)


def _report(ended: Ended) -> Iterator[str]:
    upload = ended.upload
    yield f"{upload['of']}, sent {upload['sent_at']}, import {upload['id']}: {upload['state']}"
    if upload["detail"]:
        yield upload["detail"]
    if upload["same_as"]:
        yield f"The same content was imported before, as {upload['same_as']}."
    yield from diff.told(upload["of"], ended, lambda line: f"line {line}", MOST_ROWS)


def _target(path: Path, good: bool) -> Path:
    folder = path.parent / (DONE if good else REFUSED)
    folder.mkdir(exist_ok=True)
    return folder


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    fresh = path.with_name(f".{path.name}")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _key(*parts: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(("cairn watch", *parts))))


def _profiles(folder: Path) -> Iterator[Path]:
    for path, facts in _entries(folder):
        if stat.S_ISDIR(facts.st_mode) and path.name not in (DONE, REFUSED):
            yield path


def _entries(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """What lies in a folder and is not hidden; what is gone before it is looked at was only on its way."""
    for path in folder.iterdir():
        if not path.name.startswith("."):
            with suppress(FileNotFoundError):
                yield path, path.lstat()
