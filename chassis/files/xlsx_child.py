"""The program that takes a workbook apart: XLSX on standard input, one JSON value a line on standard output.

It limits itself before it reads a byte. It says {"sheet": name}, [row number, cell, …] for every row of it,
{"remark": …}, or why it refuses; null when all is said, so that silence means it did not come to its end.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from chassis.files.book import Limits, Unreadable
from chassis.files.xlsx_parts import Findings, Parts

_SAVE_AGAIN = "Open it in a spreadsheet, save it as XLSX and send that."


def main() -> None:
    """Read, say, and end."""
    limits = Limits(**json.loads(sys.argv[2]))
    _confine(limits)
    try:
        _say_all(sys.stdin.buffer.read(), limits)
    except Unreadable as fault:
        _say({"reason": fault.reason, "remedy": fault.remedy, "place": fault.place})
    _say(None)


def _confine(limits: Limits) -> None:
    import resource

    for kind, most in ((resource.RLIMIT_AS, limits.memory), (resource.RLIMIT_CPU, limits.seconds)):
        with suppress(ValueError, OSError):  # not every system has every limit; the caller's clock runs anyway
            resource.setrlimit(kind, (most, most))


def _say(value: Any) -> None:
    sys.stdout.buffer.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")


def _say_all(data: bytes, limits: Limits) -> None:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    parts = Parts(data)
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(data))
        for about in workbook.sheets_metadata:
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            if about.visible != SheetVisibleEnum.Visible:
                _say({"remark": f"The sheet {about.name} is hidden and was not read."})
                continue
            findings = parts.findings(about.name, limits)
            _say({"sheet": about.name})
            _say_rows(workbook.get_sheet_by_name(about.name), findings, limits)
    except CalamineError as fault:
        raise Unreadable(f"The workbook is damaged: {fault}.", _SAVE_AGAIN) from fault


def _say_rows(sheet: Any, findings: Findings, limits: Limits) -> None:
    rows, columns = (place + 1 for place in sheet.end or (-1, -1))
    if rows > limits.rows or columns > limits.columns:
        reason = f"It has {rows} rows and {columns} columns."
        remedy = f"At most {limits.rows} and {limits.columns} are read: remove what is not needed."
        raise Unreadable(reason, remedy, f"sheet {sheet.name}")
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = list(_cells(number, row, findings))
        if any(cells):
            _check(cells, limits, f"sheet {sheet.name}, row {number}")
            _say([str(number), *cells])
    if findings.errors:
        (row, column), word = next(iter(findings.errors.items()))
        where = f"such as {word} in row {row}, column {column}"
        _say({"remark": f"Sheet {sheet.name}: errors in {len(findings.errors)} cells, {where}, were read as text."})


def _cells(number: int, row: list[Any], findings: Findings) -> Iterator[str]:
    for place, value in enumerate(row, 1):
        if value == "":
            yield findings.errors.get((number, place), "")
        elif isinstance(value, float | int) and not isinstance(value, bool):
            style = findings.styled.get((number, place))
            yield style.shown(_digits(value)) if style else _digits(value)
        else:
            yield _text(value)


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return (value + timedelta(microseconds=500_000)).replace(microsecond=0).isoformat()
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("seconds")
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        case _:
            return str(value).strip()


def _digits(value: float) -> str:
    """A number as a spreadsheet shows it: 15 digits, since what lies behind them is noise of binary fractions."""
    shown = format(value, ".15g")
    plain = format(Decimal(shown), "f") if "e" in shown else shown
    return "0" if plain == "-0" else plain


def _check(cells: list[str], limits: Limits, place: str) -> None:
    longest = max(cells, key=len)
    if len(longest) > limits.cell:
        raise Unreadable(f"A cell has {len(longest)} characters; at most {limits.cell} are read.", "Shorten it.", place)
    if any("\0" in cell for cell in cells):
        raise Unreadable("A cell holds a NUL character.", "Remove it.", place)
