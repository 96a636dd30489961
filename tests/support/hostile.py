"""Files made to harm whoever reads them, by what is wrong with them."""

import struct
import zipfile
import zlib
from collections.abc import Callable

from tests.support.workbooks import changed, in_sheet, workbook, zipped

MIB = 1 << 20


def _people() -> bytes:
    return workbook({"People": [["id", "name"], ["0042", "Amara"], ["0007", "Boris"]]})


def bomb(size: int = 150 * MIB) -> bytes:
    return zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": bytes(size)})


def lying(size: int = 150 * MIB) -> bytes:
    """A bomb that declares to be small, in the archive's directory and before the file itself."""
    data = bomb(size)
    told = struct.pack("<L", size)
    assert data.count(told) == 2
    return data.replace(told, struct.pack("<L", 4000))


def overlapping(times: int = 90) -> bytes:
    """Many names for one bomb: the directory points every entry to the same bytes."""
    packed = _deflated(bytes(2 * MIB))
    local = _local(b"a.json", packed, 2 * MIB)
    entries = b"".join(_entry(b"%05d" % number, packed, 2 * MIB) for number in range(times))
    return local + entries + _end(times, len(entries), len(local))


def many_entries(count: int = 300_000) -> bytes:
    entry = _entry(b"a", b"", 0)
    entries = entry * count
    return b"PK\x03\x04" + bytes(60) + entries + _end(count & 0xFFFF, len(entries), 64)


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def _local(name: bytes, packed: bytes, size: int) -> bytes:
    check = zlib.crc32(bytes(size))
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, check, len(packed), size, len(name), 0) + name + packed


def _entry(name: bytes, packed: bytes, size: int) -> bytes:
    head = struct.pack("<4s6H3L", b"PK\1\2", 20, 20, 0, 8, 0, 33, zlib.crc32(bytes(size)), len(packed), size)
    return head + struct.pack("<5H2L", len(name), 0, 0, 0, 0, 0, 0) + name


def _end(count: int, size: int, start: int) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, start, 0)


def symlink() -> bytes:
    link = zipfile.ZipInfo("people.csv")
    link.external_attr = 0o120777 << 16
    return zipped({link: b"/etc/passwd"})


def _entities(name: str, content: bytes) -> bytes:
    if name != "xl/sharedStrings.xml":
        return content
    levels = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    return content.replace(b"<sst", b'<!DOCTYPE sst [<!ENTITY l0 "ha">' + levels + b"]><sst").replace(b"Amara", b"&l9;")


def _in_utf16(name: str, content: bytes) -> bytes:
    return _entities(name, content).decode().encode("utf-16") if name == "xl/sharedStrings.xml" else content


def _encrypted() -> bytes:
    data = bytearray(zipped({"a.csv": b"a,b\n1,2\n"}))
    data[data.rindex(b"PK\1\2") + 8] |= 1
    return bytes(data)


def _row_of(cells: int, rows: int = 1) -> bytes:
    names = [chr(65 + one) for one in range(26)]
    columns = [
        *names,
        *(a + b for a in names for b in names),
        *(a + b + c for a in "ABCDEFG" for b in names for c in names),
    ]
    found = b"".join(
        b'<row r="%d">%s</row>'
        % (row, b"".join(b'<c r="%s%d"><v>1</v></c>' % (column.encode(), row) for column in columns[:cells]))
        for row in range(1, rows + 1)
    )
    return changed(_people(), _sheet_data(found))


def _sheet_data(rows: bytes) -> Callable[[str, bytes], bytes]:
    def change(name: str, content: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return content
        begin, end = content.index(b"<sheetData>") + 11, content.index(b"</sheetData>")
        return content[:begin] + rows + content[end:]

    return change


def _macros() -> bytes:
    return zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>", "xl/vbaProject.bin": b"x"})


FILES: dict[str, Callable[[], bytes]] = {
    "a bomb in the directory's own words": bomb,
    "a bomb that declares 4000 bytes": lying,
    "a bomb above the size that is unpacked": lambda: bomb(300 * MIB),
    "ninety names for one bomb": overlapping,
    "300,000 entries": many_entries,
    "an archive in an archive": lambda: zipped({"a.csv": zipped({"b.csv": bytes(100)})}),
    "an archive among the parts of a workbook": lambda: changed(
        _people(), lambda name, content: zipped({"x": b"y"}) if name.endswith("core.xml") else content
    ),
    "a link to another file": symlink,
    "a path out of the archive": lambda: zipped({"../../etc/people.csv": b"a,b\n1,2\n"}),
    "an absolute path": lambda: zipped({"/etc/people.csv": b"a,b\n1,2\n"}),
    "a path of another system": lambda: zipped({"C:/people.csv": b"a,b\n1,2\n"}),
    "a locked archive": _encrypted,
    "an archive without files": lambda: zipped({}),
    "an archive that is cut off": lambda: _people()[:-40],
    "an archive damaged inside": lambda: _people().replace(b"\x8b", b"\x8c", 4),
    "a workbook of entities": lambda: changed(_people(), _entities),
    "a workbook of entities in UTF-16": lambda: changed(_people(), _in_utf16),
    "a workbook with macros": _macros,
    "a workbook of 16,384 columns": lambda: _row_of(4000),
    "a cell in the last corner of a sheet": lambda: changed(_people(), in_sheet(b'r="B3"', b'r="XFD1048576"')),
    "a dimension of a billion cells": lambda: changed(
        _people(), lambda n, c: in_sheet(b'r="B3"', b'r="ALL200000"')(n, in_sheet(b"A1:B3", b"A1:ALL200000")(n, c))
    ),
    "a sheet that is cut off": lambda: changed(_people(), lambda n, c: c[: len(c) // 2] if "sheet1" in n else c),
    "a quotation mark that is never closed": lambda: b'id,name\n1,"' + b"x,\n" * 6_000_000,
    "quotation marks and nothing else": lambda: b'"' * (19 * MIB + 1),
    "a line of twenty million commas": lambda: b"," * (19 * MIB),
    "a record that goes on over all lines": lambda: b'a,"\n",' * 2_900_000,
    "a cell of a million characters": lambda: b"id,name\n1," + b"x" * 1_000_000 + b"\n",
    "more rows than are read": lambda: b"id\n" + b"1\n" * 200_001,
    "NUL bytes": lambda: bytes(19 * MIB),
    "NUL bytes late in the file": lambda: b"id,name\n" * 2_000_000 + b"\0",
    "bytes of no encoding": lambda: bytes(range(128, 256)) * 1000 + b"\0",
    "JSON nested a million deep": lambda: b"[" * 1_000_000,
    "JSON nested deep in objects": lambda: b'{"a":' * 100_000,
    "a JSON number of a million digits": lambda: b"[" + b"9" * 1_000_000 + b"]",
    "a JSON number of enormous exponent": lambda: b'[{"a":1e999999999}]',
    "NaN": lambda: b'[{"a":NaN}]',
    "JSON of nine million empty lists": lambda: b"[" + b"[]," * 6_000_000 + b"[]]",
    "JSON of ten million numbers": lambda: b"[" + b"0," * 9_000_000 + b"0]",
    "a name twice in one JSON object": lambda: b'[{"id":"1","id":"2"}]',
    "half a sign in JSON": lambda: b'[{"a":"\\ud800"}]',
    "JSON that is cut off": lambda: b'[{"id":"1"},{"id":',
    "a file above the size that is read": lambda: b"x" * (20 * MIB + 1),
    "an old workbook, locked or not": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000),
    "a web page": lambda: b"\n <!DOCTYPE html><html><table><tr><td>id",
    "a PDF": lambda: b"%PDF-1.7\n",
    "a gzip archive": lambda: b"\x1f\x8b\x08\x00" + bytes(100),
    "nothing": lambda: b"",
    "blanks": lambda: b" \r\n" * 5_000_000,
}
