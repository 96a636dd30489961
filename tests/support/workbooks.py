"""Workbooks and archives for tests: well made, and then changed part by part."""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

import xlsxwriter

Cell = Any
_DATES = {datetime: "dd/mm/yyyy hh:mm", date: "dd/mm/yyyy"}


def workbook(
    sheets: Mapping[str, Iterable[Iterable[Cell]]],
    *,
    hidden: Iterable[str] = (),
    formats: Mapping[str, str] | None = None,
) -> bytes:
    """An XLSX file; texts beginning with = are formulas, a pair is a formula and its result.

    `formats` are number formats by column letter.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        by_column = {
            ord(letter) - 65: book.add_format({"num_format": code}) for letter, code in (formats or {}).items()
        }
        days = {kind: book.add_format({"num_format": code}) for kind, code in _DATES.items()}
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                for column, value in enumerate(row):
                    _write(sheet, line, column, value, days.get(type(value), by_column.get(column)))
            if name in hidden:
                sheet.hide()
    return buffer.getvalue()


def _write(sheet: Any, line: int, column: int, value: Cell, style: Any) -> None:
    match value:
        case (formula, result):
            sheet.write_formula(line, column, formula, style, result)
        case datetime() | date():
            sheet.write_datetime(line, column, value, style)
        case _:
            sheet.write(line, column, value, style)


def changed(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The archive with every file put through `change(name, content)`."""
    with zipfile.ZipFile(io.BytesIO(data)) as given:
        return zipped({name: change(name, given.read(name)) for name in given.namelist()})


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    """A change of every sheet's XML. The old text must be there."""

    def change(name: str, content: bytes) -> bytes:
        if not name.startswith("xl/worksheets/sheet"):
            return content
        assert old in content
        return content.replace(old, new)

    return change


def zipped(files: Mapping[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A ZIP archive of these files, compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
