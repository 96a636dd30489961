"""A record as it is read back: its steps, and up to which edition each thing is the import's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cairn.exchange.layouts.native import CHECK_IN
from cairn.exchange.records.journal import Made, lines_of, print_of


@dataclass
class Step:
    """One write of one thing. `made` is empty where the import ended before the answer came."""

    key: str
    do: str
    of: str
    said: Mapping[str, Any]
    made: Made = ()
    undone: bool = False

    @property
    def id(self) -> str:
        """Of the thing it is about; empty where it may not have been created."""
        return str(self.said.get("id") or (self.made[0][1] if self.made else ""))

    @property
    def name(self) -> str:
        """What people call the thing."""
        title = f" “{self.said['title']}”" if self.said.get("title") else ""
        return f"{told(self.of)} {self.said['name']}{title}"


@dataclass
class Record:
    """One import. `own` says by id at which editions, or with which fingerprint, a thing is as the import left it."""

    path: Path
    head: Mapping[str, Any]
    steps: dict[str, Step] = field(default_factory=dict)
    own: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    finished: bool = False
    taken_back: bool = False

    @property
    def id(self) -> str:
        return str(self.head["import"])

    @property
    def open(self) -> list[Step]:
        """What has not been taken back."""
        return [] if self.taken_back else [step for step in self.steps.values() if not step.undone]

    @property
    def state(self) -> str:
        """For people to read."""
        if not self.open:
            return "taken back"
        if any(step.undone for step in self.steps.values()):
            return "partly taken back"
        return "finished" if self.finished else "interrupted"

    def is_own(self, kind: str, thing: Mapping[str, Any]) -> bool:
        """Whether nobody else has edited it since, or what they did was taken back."""
        low, high, mark = self.own.get(thing["id"], (0, -1, ""))
        return low <= edition_of(thing) <= high or mark == print_of(kind, thing)

    def wrote(self, made: Made) -> None:
        """These are the import's own as they are now."""
        self.own.update({id: (edition, edition, mark) for _, id, edition, mark in made})

    def may_write(self, id: str | None, edition: int | None = None) -> None:
        """This is about to be written: it may become one edition more. `edition` is what it had."""
        known = self.own.get(id or "") or (None if edition is None else (edition, edition, ""))
        if id and known:
            self.own[id] = known[0], known[1] + 1, known[2]


def edition_of(thing: Mapping[str, Any]) -> int:
    """What counts the edits of a thing: its version, where it has no editions."""
    return int(thing.get("edition", thing["version"]))


def told(kind: str) -> str:
    """A kind of thing for people to read."""
    return "check-in" if kind == CHECK_IN else kind.replace("_", " ")


def read(path: Path) -> Record:
    """Raises OSError, and ValueError where it is no record."""
    lines = iter(lines_of(path))
    record = Record(path, next(lines, {}))
    if not record.head:
        raise ValueError(f"{path} is empty.")
    for line in lines:
        _take(record, line)
    return record


def records(folder: Path) -> list[Record]:
    """All that wrote something, the oldest first."""
    found = [read(path) for path in sorted(folder.glob("*.jsonl"))] if folder.is_dir() else []
    return [one for one in found if one.steps]


def _take(record: Record, line: Mapping[str, Any]) -> None:
    if "do" in line:
        _intend(record, line)
    elif "refused" in line:
        for step in _of(record, line["n"]):
            del record.steps[step.key]
    elif "undoing" in line:
        record.may_write(line["id"])
    elif "undone" in line:
        record.steps[line["undone"]].undone = True
        record.wrote(line["made"])
    elif "made" in line:
        record.wrote(line["made"])
        steps = _of(record, line["n"])
        for place, step in enumerate(steps):
            step.made = line["made"] if len(steps) == 1 else line["made"][place : place + 1]
    record.finished = record.finished or "finished" in line
    record.taken_back = record.taken_back or "taken back" in line


def _intend(record: Record, line: Mapping[str, Any]) -> None:
    """A batch is one write of several things: the steps `7.0`, `7.1` and so on."""
    for place, said in enumerate(line.get("batch") or [line]):
        step = Step(f"{line['n']}.{place}", said["do"], line["of"], said)
        record.steps[step.key] = step
        record.may_write(said.get("id"), said.get("edition"))


def _of(record: Record, number: int) -> list[Step]:
    found, place = [], 0
    while (step := record.steps.get(f"{number}.{place}")) is not None:
        found.append(step)
        place += 1
    return found
