"""The form of a file, by its first bytes, and the file in that form."""

from chassis.files import json_text, separated
from chassis.files.book import LIMITS, Book, Limits, Unreadable
from chassis.files.decoding import opened, recognised
from chassis.files.zipped import read_zip

_AS_TABLE = "Save it as CSV or XLSX and send that."
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "This is an old Excel file (.xls), or one locked with a password.", _AS_TABLE),
    (b"%PDF", "This is a PDF.", "Export the table itself, as CSV or XLSX."),
    (b"\x1f\x8b", "This is a gzip archive.", "Unpack it and send the file inside."),
    (b"Rar!", "This is a RAR archive.", "Unpack it and send the file inside."),
    (b"7z\xbc\xaf\x27\x1c", "This is a 7z archive.", "Unpack it and send the file inside."),
    (b"BZh", "This is a bzip2 archive.", "Unpack it and send the file inside."),
    (b"\xfd7zXZ", "This is an xz archive.", "Unpack it and send the file inside."),
    (b"\x28\xb5\x2f\xfd", "This is a Zstandard archive.", "Unpack it and send the file inside."),
    (b"\x89PNG", "This is a picture.", _AS_TABLE),
    (b"\xff\xd8\xff", "This is a picture.", _AS_TABLE),
    (b"{\\rtf", "This is a text document (RTF).", _AS_TABLE),
    (b"%!PS", "This is a PostScript document.", _AS_TABLE),
    (b"SQLite format 3\0", "This is an SQLite database.", "Export the table itself, as CSV or XLSX."),
    (b"PAR1", "This is a Parquet file.", _AS_TABLE),
)
_MARKUP = (
    ("<!doctype html", "This is a web page (HTML), whatever its name ends with.", _AS_TABLE),
    ("<html", "This is a web page (HTML), whatever its name ends with.", _AS_TABLE),
    ("<table", "This is a web page (HTML), whatever its name ends with.", _AS_TABLE),
    ("<?xml", "This is an XML file.", _AS_TABLE),
    ("<!doctype", "This is an XML file.", _AS_TABLE),
)
_PEEK = 4096


def read_book(
    data: bytes, *, encoding: str | None = None, separator: str | None = None, limits: Limits = LIMITS
) -> Book:
    """The tables and documents of a file. `encoding` and `separator` speak of CSV and override what is recognised.

    Raises Unreadable where the file is broken, hostile, too large or of no known form.
    """
    if len(data) > limits.size:
        reason = f"The file has {len(data) / (1 << 20):.1f} MiB; at most {limits.size >> 20} are read."
        raise Unreadable(reason, "Split it into several files.")
    if data.startswith(b"PK"):
        return read_zip(data, limits, lambda one: _read_text(one, encoding, separator, limits))
    return _read_text(data, encoding, separator, limits)


def _read_text(data: bytes, encoding: str | None, separator: str | None, limits: Limits) -> Book:
    """A book from JSON or CSV. Raises Unreadable."""
    for mark, reason, remedy in _FOREIGN:
        if data.startswith(mark):
            raise Unreadable(reason, remedy)
    found, remarks = recognised(data, encoding)
    with opened(data, found) as text:
        beginning = text.read(_PEEK)
        text.seek(0)
        for tag, reason, remedy in _MARKUP:
            if beginning.lstrip()[:50].lower().startswith(tag):
                raise Unreadable(reason, remedy)
        if json_text.looks_so(beginning):
            document = json_text.parsed(text.read())
            return Book("json", json_text.table(document), {"": document}, tuple(remarks))
        sheet, told = separated.sheet(text, separator, limits)
    return Book("csv", (sheet,), remarks=(*remarks, *told))
