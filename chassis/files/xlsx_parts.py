"""What python-calamine does not tell of a workbook, looked up in its XML: number formats, errors, formulas.

The XML of a sheet is searched as a stream of whole rows and never built up in memory.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from posixpath import dirname, join, normpath
from typing import IO, Any
from xml.etree import ElementTree
from zipfile import ZipFile

from chassis.files.book import Limits, Unreadable

_CHUNK = 1 << 20
_LONGEST_ROW = 16 << 20
_OPEN_AND_SAVE = "Open it in a spreadsheet, save it as XLSX and send that."
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PERCENT = {9: "0%", 10: "0.00%"}
_LITERAL = r'(?:"[^"]*"|\\.|[- ])*'
_PADDED = re.compile(f"({_LITERAL})(0{{2,}})({_LITERAL})")


@dataclass(frozen=True, slots=True)
class Style:
    """A number format that changes what a number says: a percentage, or an id with leading zeros."""

    zeros: int = 0
    before: str = ""
    after: str = ""

    def shown(self, digits: str) -> str:
        if not self.zeros:
            percent = format(Decimal(digits) * 100, "f")
            return f"{percent.rstrip('0').rstrip('.') if '.' in percent else percent}%"
        return f"{self.before}{digits.zfill(self.zeros)}{self.after}" if digits.isdigit() else digits


@dataclass(frozen=True, slots=True)
class Findings:
    """By row and column from 1: the style of numbers whose style matters, and the words of errors."""

    styled: dict[tuple[int, int], Style] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


class Parts:
    """The XML parts of a workbook. Raises Unreadable where one that must be there is not."""

    def __init__(self, data: bytes) -> None:
        self._zip = ZipFile(BytesIO(data))
        self._names = {name.lower(): name for name in self._zip.namelist()}
        try:
            start = self._related("", "_rels/.rels")
            path = next((one for one, kind in start.values() if kind.endswith("/officeDocument")), "xl/workbook.xml")
            self._sheets, self._calculated_on_load = self._workbook(path)
            styles = join(dirname(path), "styles.xml")
            self._styles = _styles(self._tree(styles)) if styles.lower() in self._names else {}
        except (KeyError, ElementTree.ParseError) as fault:
            raise Unreadable("The workbook is damaged: parts of it are missing.", _OPEN_AND_SAVE) from fault

    def _workbook(self, path: str) -> tuple[dict[str, str], bool]:
        related = self._related(dirname(path), join(dirname(path), "_rels", f"{path.rsplit('/', 1)[-1]}.rels"))
        tree = self._tree(path)
        sheets = {one.get("name", ""): related[one.get(_RELATION, "")][0] for one in tree.iterfind(".//{*}sheet")}
        asked = [one.get("fullCalcOnLoad") for one in tree.iterfind(".//{*}calcPr")]
        return sheets, any(word in ("1", "true") for word in asked)

    def _related(self, folder: str, name: str) -> dict[str, tuple[str, str]]:
        """Target and kind by relation id."""
        return {
            one.get("Id", ""): (normpath(join(folder, one.get("Target", ""))).lstrip("/"), one.get("Type", ""))
            for one in self._tree(name)
        }

    def _tree(self, name: str) -> Any:
        return ElementTree.fromstring(self._zip.read(self._names[name.lower()]))  # noqa: S314 - without a DOCTYPE

    def findings(self, sheet: str, limits: Limits) -> Findings:
        """What must be known of a sheet's cells. Raises Unreadable for formulas without a result and lost cells."""
        found = Findings()
        name = self._names.get(self._sheets.get(sheet, "").lower())
        if name is None:
            raise Unreadable("The sheet is missing in the file.", _OPEN_AND_SAVE, f"sheet {sheet}")
        with self._zip.open(name) as part:
            search = None
            for block in _rows(part):
                search = search or _Search(block, self._styles, self._calculated_on_load)
                search.into(found, block, limits, f"sheet {sheet}")
        return found


def _rows(part: IO[bytes]) -> Iterator[bytes]:
    """The XML in blocks that end with a row."""
    rest = b""
    while chunk := part.read(_CHUNK):
        rest += chunk
        end = rest.rfind(b"row>") + 4
        if end > 4:
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > _LONGEST_ROW:
            raise Unreadable("The workbook is damaged: a row of it has no end.", _OPEN_AND_SAVE)
    yield rest


class _Search:
    """The cells that matter, found by patterns made for the sheet's namespace prefix and its styles."""

    def __init__(self, beginning: bytes, styles: Mapping[int, Style], calculated_on_load: bool) -> None:
        prefix = re.search(rb"<((?:\w+:)?)worksheet\b", beginning[:4096])
        p = re.escape(prefix[1]) if prefix else b""
        cell, place = rb"<%bc\s" % p, rb'[^<>]*?\br="([A-Z]+[0-9]+)"[^<>]*'
        formula = rb"\s*<%bf(?:\s[^<>]*)?(?:/>|>[^<]*</%bf>)\s*" % (p, p)
        value = rb"<%bv(?:\s[^<>]*)?>([^<]*)<" % p
        of_styles = rb'(?=[^<>]*\bs="(%b)")' % b"|".join(b"%d" % number for number in styles)
        self._styles = styles
        self._calculated_on_load = calculated_on_load
        self._far = re.compile(cell + rb'[^<>]*?\br="([A-Z]{3,}[0-9]+|[A-Z]+[0-9]{6,})"[^<>]*(?<!/)>')
        self._error = re.compile(cell + rb'(?=[^<>]*\bt="e")' + place + rb">(?:%b)?%b" % (formula, value))
        self._styled = re.compile(cell + of_styles + place + b">") if styles else None
        self._formula = re.compile(cell + rb"([^<>]*)>%b(?:%b)?" % (formula, value))
        self._has_formulas = b"<%bf" % p

    def into(self, found: Findings, block: bytes, limits: Limits, place: str) -> None:
        for far in self._far.finditer(block):
            row, column = _position(far[1])
            if row > limits.rows or column > limits.columns:
                remedy = f"At most {limits.rows} rows and {limits.columns} columns are read: remove what is not needed."
                raise Unreadable(f"There is something in cell {far[1].decode()}.", remedy, place)
        if self._has_formulas in block:
            self._check_formulas(block, place)
        for error in self._error.finditer(block) if b't="e"' in block else ():
            found.errors[_position(error[1])] = error[2].decode("utf-8", "replace")
        for one in self._styled.finditer(block) if self._styled else ():
            found.styled[_position(one[2])] = self._styles[int(one[1])]

    def _check_formulas(self, block: bytes, place: str) -> None:
        """A formula nobody has calculated reads as empty, or as the 0 that some programs write for any formula."""
        for formula in self._formula.finditer(block):
            result = formula[2] or b""
            empty_text = b't="str"' in formula[1] and formula[2] is not None
            if (not result and not empty_text) or (self._calculated_on_load and result == b"0"):
                cell = re.search(rb'\br="([A-Z]+[0-9]+)"', formula[1])
                where = f"{place}, cell {cell[1].decode()}" if cell else place
                raise Unreadable(
                    "The formula has never been calculated, so its result is not known.", _OPEN_AND_SAVE, where
                )


def _position(reference: bytes) -> tuple[int, int]:
    """Row and column from 1 of such as AB12."""
    letters = reference.rstrip(b"0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(reference[len(letters) :]), column


def _styles(tree: Any) -> dict[int, Style]:
    """The cell formats that matter, by their number in the list of formats."""
    codes = {int(one.get("numFmtId", 0)): one.get("formatCode", "") for one in tree.iterfind(".//{*}numFmt")}
    formats = tree.iterfind("./{*}cellXfs/{*}xf")
    read = (
        (number, _style({**_PERCENT, **codes}.get(int(one.get("numFmtId", 0)), "")))
        for number, one in enumerate(formats)
    )
    return {number: style for number, style in read if style}


def _style(code: str) -> Style | None:
    first = code.split(";")[0]
    if padded := _PADDED.fullmatch(first):
        return Style(len(padded[2]), _literal(padded[1]), _literal(padded[3]))
    return Style() if first.rstrip().endswith("%") and not first.rstrip().endswith("\\%") else None


def _literal(code: str) -> str:
    return re.sub(r'"([^"]*)"|\\(.)', lambda found: found[1] or found[2] or "", code)
