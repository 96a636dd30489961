"""Text of rows and cells: the separator found, every record with the line it begins on.

The text is read as a stream and a record may only grow so far, so that a lost quotation mark or a line of a million
commas is refused before it fills the memory.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from math import log2
from typing import TextIO

from chassis.files.book import Limits, Record, Sheet, Unreadable
from contracts.wrong import shortened

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_LONGEST_RECORD = 1 << 20
_MOST_BLANK = 1 << 20  # all the rows a spreadsheet has and may write
_SAMPLED = 200
_SAMPLED_LINE = 1 << 14
_DECLARED = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
_CUT_OFF = "Close every quotation mark and double those inside a cell; if the file is cut off, export it again."
_TOO_WIDE = "Keep the columns that are needed."


def sheet(text: TextIO, separator: str | None, limits: Limits) -> tuple[Sheet, list[str]]:
    """The one sheet of a CSV file, and what people should know of it; the text must be seekable. Raises Unreadable."""
    declared = _DECLARED.fullmatch(text.readline(20))
    skipped = 1 if declared else 0
    text.seek(0)
    mark = separator
    if mark is None:
        mark = declared[1] if declared else _recognised(text, skipped)
    if len(mark) != 1 or mark in '"\r\n\0':
        raise Unreadable(f"Cells cannot be separated by “{shortened(mark)}”.", "Name one sign, such as ; or a tab.")
    text.seek(0)
    records = [record for record in _records(text, mark, limits) if record.number > skipped]
    if not records:
        raise Unreadable("The file is empty.", "Send one with a header and rows.")
    remark = f"The cells are separated by {SEPARATORS.get(mark, f'“{mark}”')}."
    return Sheet("", records, mark), [] if mark == "," else [remark]


def _records(text: TextIO, mark: str, limits: Limits) -> Iterator[Record]:
    """The records that hold anything."""
    lines = _Lines(text, mark)
    count = 0
    try:
        for cells in csv.reader(lines, delimiter=mark, strict=True):
            if any(filled := [cell.strip() for cell in cells]):
                count += 1
                _check(lines.begins, count, filled, limits)
                yield Record(lines.begins, tuple(filled))
            else:
                lines.pass_over()
            lines.size = 0
    except csv.Error as fault:
        raise Unreadable(*_broken(fault), f"line {lines.begins}") from fault


class _Lines:
    """The lines of a text for the CSV reader, as long as no record of them grows too large.

    Empty rows are passed over here already: a million of them through the reader would take a second.
    """

    def __init__(self, text: TextIO, mark: str) -> None:
        self._text = text
        self._empty = mark + " \t\r\n"
        self._blank = 0
        self.number = 0
        self.begins = 1
        """The line the present record begins on."""
        self.size = 0
        """How many characters the present record has; 0 sets the next line to begin one."""

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(_LONGEST_RECORD + 1):
            self.number += 1
            if not self.size:
                self.begins = self.number
                if not line.strip(self._empty):
                    self.pass_over()
                    continue
            self.size += len(line)
            if self.size > _LONGEST_RECORD:
                raise csv.Error("the row does not end")
            yield line

    def pass_over(self) -> None:
        """Count an empty row. Raises Unreadable when there are too many."""
        self._blank += 1
        if self._blank > _MOST_BLANK:
            reason = "There is nothing but empty rows for too long."
            raise Unreadable(reason, "Remove them.", f"line {self.begins}")


def _broken(fault: csv.Error) -> tuple[str, str]:
    if "field larger" in str(fault) or "does not end" in str(fault):
        return (
            "The row that begins here is far too long: a quotation mark is not closed, or a cell holds too much.",
            _CUT_OFF,
        )
    if "unexpected end" in str(fault):
        return "The file ends inside a quoted cell of the row that begins here.", _CUT_OFF
    return f"From here on the file is no proper CSV: {fault}.", _CUT_OFF


def _check(number: int, count: int, cells: list[str], limits: Limits) -> None:
    if count > limits.rows:
        raise Unreadable(f"There are more than {limits.rows} rows.", "Split the file.", f"line {number}")
    if len(cells) > limits.columns:
        reason = f"The row has {len(cells)} cells; at most {limits.columns} are read."
        raise Unreadable(reason, _TOO_WIDE, f"line {number}")
    longest = max(map(len, cells))
    if longest > limits.cell:
        reason = f"A cell has {longest} characters; at most {limits.cell} are read."
        raise Unreadable(reason, "Shorten it; perhaps a quotation mark is not closed.", f"line {number}")


def _recognised(text: TextIO, skipped: int) -> str:
    """The separator that cuts the first records most evenly, into the most cells, from the header on."""
    sample = [text.readline(_SAMPLED_LINE) for _ in range(_SAMPLED + skipped)][skipped:]
    lines = [line for line in sample if line.strip()]
    cuts = {mark: _counts(lines, mark) for mark in SEPARATORS}
    usual = {mark: Counter(counts).most_common(1)[0] for mark, counts in cuts.items() if counts}
    begins = {mark: cuts[mark].index(cells) for mark, (cells, _) in usual.items() if cells > 1}
    if not begins:
        return ","
    first = min(begins.values())

    def evenness(mark: str) -> float:
        cells, times = usual[mark]
        prose = sum(f"{mark} " in line for line in lines) > len(lines) / 2
        late = begins[mark] > first
        return times / len(cuts[mark]) * log2(cells) * (0.8 if late else 1) * (0.5 if prose else 1)

    return max(begins, key=evenness)


def _counts(lines: Iterable[str], mark: str) -> list[int]:
    """How many cells each record has; a broken end of the sample does not matter here."""
    counts = []
    try:
        for cells in csv.reader(lines, delimiter=mark):
            counts.append(len(cells))
    except csv.Error:
        pass
    return counts
