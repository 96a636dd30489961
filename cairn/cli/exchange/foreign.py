"""Files of other tools: recognised, asked about, told and brought in."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cairn.cli.exchange.session import progress, recorded, say, session
from cairn.cli.shared import Refused, Usage

if TYPE_CHECKING:
    from cairn.exchange.bringing import Bringing, Scene
    from cairn.exchange.check_ins import Plan as CheckInPlan
    from cairn.exchange.formats.contract import Format, Reading
    from cairn.exchange.formats.doubts import Doubt
    from cairn.exchange.okrs.planning import Plan

DOUBT_COLUMNS = ("id", "kind", "place", "item", "question", "choices", "taken", "times", "answer")


def called(name: str) -> "Format":
    """The format of a name. Raises Usage."""
    from cairn.exchange.formats.registry import FORMATS, named

    found = named(name)
    if found is None:
        known = ", ".join(one.name for one in FORMATS)
        raise Usage(f"There is no layout “{name}”. Known are native, {known}.")
    return found


def recognised(file: Path, name: str | None, mapped: bool) -> "Format | None":
    """The format of a file; None where it is in Cairn's own layout. Raises Usage, Refused where nothing knows it.

    With a column map it is a table, unless it is said to be something else.
    """
    from cairn.exchange.formats.registry import FORMATS
    from cairn.exchange.formats.registry import recognised as found_in
    from cairn.exchange.layouts.files import looks_native

    if name is not None or mapped:
        return called(name or "table")
    data = file.read_bytes()
    if looks_native(data):
        return None
    found = found_in(_book(data))
    if found is None:
        known = ", ".join(one.label for one in FORMATS)
        remedy = (
            "Say how to read it with --map, or which layout it is with --format; docs/import.md describes Cairn's own."
        )
        raise Refused(f"{file} has no layout that Cairn recognises. It knows its own, {known}. {remedy}")
    return found


def refuse_for_native(asked: Mapping[str, Any]) -> None:
    """Raise Usage where something is said that only files of other tools take."""
    said = [name for name, value in asked.items() if value is not None]
    if said:
        option = said[0].rstrip("_").replace("_", "-")
        raise Usage(f"--{option} is for files of other tools, and this one is in Cairn's own layout.")


def bring_in(
    file: Path, layout: "Format", asked: Mapping[str, Any], reason: str,
    *, as_json: bool, record: bool, dry_run: bool, url: str,
) -> None:  # fmt: skip
    """Import a file of another tool, or say what would happen. Raises Refused where questions are open."""
    from cairn.exchange.bringing import Bringing, Scene

    with session(url) as client:
        scene = Scene.read(client)
        reading = _read(file, layout, scene, asked)
        _tell(layout, reading, asked["doubts"], quiet=as_json)
        bringing = Bringing(reading.okrs, reading.check_ins, scene, datetime.now(UTC))
        plans = None if reading.open else (bringing.goals(), bringing.said())
        if as_json:
            say_json(plans, reading)
        if plans is None:
            raise Refused(_open(len(reading.open), asked["doubts"]))
        if not as_json:
            _say_plans(*plans, dry_run=dry_run)
        if not dry_run:
            _carry_out(client, bringing, file, layout.name, reason, record=record, url=url)


def _carry_out(
    client: Any, bringing: "Bringing", file: Path, name: str, reason: str, *, record: bool, url: str
) -> None:
    with recorded(file, name, url, record) as journal:
        bringing.carry_out(client, journal, reason, progress)


def _read(file: Path, layout: "Format", scene: "Scene", asked: Mapping[str, Any]) -> "Reading":
    from cairn.exchange.formats.contract import Asked

    return layout.read(
        _book(file.read_bytes()),
        Asked(
            directory=scene.directory,
            today=datetime.now(UTC).date(),
            standing=scene.standing,
            check_ins=scene.check_ins,
            answers=_answers(asked),
            dates=asked["dates"],
            columns=_map(asked["map_"], asked["save_map"]),
        ),
    )


def _book(data: bytes) -> Any:
    from chassis.files import Unreadable, read_book

    try:
        return read_book(data)
    except Unreadable as fault:
        place = f"{fault.place}: " if fault.place else ""
        raise Refused(f"{place}{fault.reason} {fault.remedy}") from fault


def _map(said: str | None, kept_in: Path | None) -> Any:
    from chassis.files.columns import ColumnMap, Mismapped

    if said is None:
        return None
    try:
        found = ColumnMap.parse(Path(said[1:]).read_text(encoding="utf-8") if said.startswith("@") else said)
    except OSError as fault:
        raise Usage(f"The map cannot be read: {fault}") from fault
    except Mismapped as fault:
        raise Usage(str(fault)) from fault
    if kept_in is not None:
        kept_in.write_text(json.dumps(dict(found.sources), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return found


def _answers(asked: Mapping[str, Any]) -> dict[str, str]:
    """What is said beforehand, by the ids of doubts."""
    found = {"cycle": asked["cycle"]} if asked["cycle"] else {}
    if asked["owners"]:
        rows = [cells for cells in _rows(asked["owners"]) if any(cells)]
        wrong = next((number for number, cells in enumerate(rows, 1) if len(cells) != 2), None)
        if wrong:
            raise Usage(f"{asked['owners']}, row {wrong}: Write two cells, a name and who that is.")
        found |= {f"owner:{name}": who for name, who in rows if who}
    if asked["answers"]:
        header, *rows = _rows(asked["answers"]) or [[]]
        if not {"id", "answer"} <= {*header}:
            raise Usage(f"{asked['answers']} has no columns id and answer; take the file that --doubts wrote.")
        place, answer = header.index("id"), header.index("answer")
        found |= {cells[place]: cells[answer] for cells in rows if len(cells) > max(place, answer) and cells[answer]}
    return found


def _rows(file: Path) -> list[list[str]]:
    """The cells of a CSV file, whatever separates them; the guards against formulas taken off."""
    from chassis.files import unguarded

    return [[unguarded(cell) for cell in record.cells] for record in _book(file.read_bytes()).sheets[0].records]


def _tell(layout: "Format", reading: "Reading", kept_in: Path | None, *, quiet: bool) -> None:
    if not quiet:
        remarks = f" ({'; '.join(reading.remarks)})" if reading.remarks else ""
        click.echo(f"read as {layout.label}{remarks}")
        say([_line(doubt) for doubt in reading.doubts if doubt not in reading.open])
        say([_line(doubt) for doubt in reading.open], error=True)
    if kept_in is not None:
        from chassis.files import write_csv

        cells = [[_cell(doubt, column) for column in DOUBT_COLUMNS] for doubt in reading.doubts]
        kept_in.write_bytes(write_csv(DOUBT_COLUMNS, cells, bom=True))


def _line(doubt: "Doubt") -> str:
    item = f" “{doubt.item}”" if doubt.item else ""
    times = f" ({doubt.times} times)" if doubt.times > 1 else ""
    if doubt.kind == "ask" and doubt.taken is not None:
        return f"  answered: {doubt.id} = {doubt.taken}{times}"
    taken = f" Taken: {doubt.taken}." if doubt.taken is not None else ""
    choices = f" For example {', '.join(doubt.choices[:5])}." if doubt.choices and doubt.taken is None else ""
    return f"  {doubt.place}{item}: {doubt.question}{taken}{choices}{times}"


def _cell(doubt: "Doubt", column: str) -> str:
    if column == "answer":
        return doubt.taken or "" if doubt.kind == "ask" else ""
    found = getattr(doubt, column)
    return " | ".join(found) if isinstance(found, tuple) else "" if found is None else str(found)


def _open(count: int, kept_in: Path | None) -> str:
    where = f"the column answer of {kept_in}" if kept_in else "a file that --doubts FILE writes"
    many = "1 question is" if count == 1 else f"{count} questions are"
    return f"Nothing was imported: {many} open. Answer in {where}, and give it back with --answers."


def _say_plans(goals: "Plan", said: "CheckInPlan", *, dry_run: bool) -> None:
    from cairn.exchange.okrs import importing
    from cairn.exchange.okrs.planning import UNCHANGED

    if dry_run:
        say([step.line() for step in goals.steps() if step.what != UNCHANGED])
        say([entry.line() for entry in said.entries])
    say([*importing.summary(goals), said.summary()], dry_run=dry_run)


def say_json(plans: "tuple[Plan, CheckInPlan | None] | None", reading: "Reading | None" = None) -> None:
    """Print what was found and what would be done as one JSON document."""
    document: dict[str, Any] = {}
    if reading is not None:
        doubts = [{column: getattr(one, column) for column in DOUBT_COLUMNS[:-1]} for one in reading.doubts]
        document |= {"remarks": reading.remarks, "open": len(reading.open), "doubts": doubts}
    goals, said = plans or (None, None)
    if goals is not None:
        document["goals"] = [step.told() for step in goals.steps()]
        document["closing"] = [node.name for node in (*goals.closing, *goals.closing_cycles)]
    if said is not None:
        document["check_ins"] = {"unchanged": said.unchanged, "changes": [entry.told() for entry in said.entries]}
    click.echo(json.dumps(document, ensure_ascii=False, indent=1, default=str))
