"""What came as a ZIP archive: a workbook (XLSX), or several JSON and CSV files that belong together."""

from collections.abc import Callable
from typing import Any

from chassis.files.archives import Archive
from chassis.files.book import Book, Limits, Sheet, Unreadable
from chassis.files.workbooks import read_workbook

_AS_XLSX = "Save it as XLSX (Excel workbook without macros) or CSV and send that."
_MOST_IN_ENTRY = 64 << 20
_TABLES = (".csv", ".tsv", ".txt")
_FOREIGN = (
    ("xl/workbook.bin", "This is a binary Excel workbook (.xlsb).", _AS_XLSX),
    ("xl/vbaProject.bin", "This workbook holds macros (.xlsm).", _AS_XLSX),
    ("xl/macrosheets/", "This workbook holds macros.", _AS_XLSX),
    ("word/", "This is a text document (.docx).", "Put the table into a spreadsheet and send that."),
    ("ppt/", "This is a presentation (.pptx).", "Put the table into a spreadsheet and send that."),
    ("content.xml", "This is an OpenDocument file (.ods).", _AS_XLSX),
    ("Index/Document.iwa", "This is an Apple Numbers file.", "Export it as CSV or XLSX and send that."),
)


def read_zip(data: bytes, limits: Limits, read_text: Callable[[bytes], Book]) -> Book:
    """The book of an archive, `read_text` reading the plain files in it. Raises Unreadable."""
    archive = Archive(data, limits)
    for mark, reason, remedy in _FOREIGN:
        if any(name.startswith(mark) for name in archive.names):
            raise Unreadable(reason, remedy)
    if "[Content_Types].xml" in archive.names:
        return read_workbook(data, archive, limits)
    return _gathered(archive, read_text)


def _gathered(archive: Archive, read_text: Callable[[bytes], Book]) -> Book:
    sheets: list[Sheet] = []
    documents: dict[str, Any] = {}
    remarks: list[str] = []
    for name in archive.names:
        book = _entry(archive, name, read_text)
        if book is None:
            remarks.append(f"{name} was not read.")
            continue
        sheets += [Sheet(name, sheet.records, sheet.separator) for sheet in book.sheets]
        documents |= dict.fromkeys(book.documents and [name], book.documents.get(""))
        remarks += [f"{name}: {remark}" for remark in book.remarks]
    if not sheets and not documents:
        raise Unreadable("The archive holds neither CSV nor JSON.", "Pack the exported files themselves.")
    return Book("zip", tuple(sheets), documents, tuple(remarks))


def _entry(archive: Archive, name: str, read_text: Callable[[bytes], Book]) -> Book | None:
    """The file as a book; None where it is of no kind that is read."""
    if archive.size(name) > _MOST_IN_ENTRY:
        reason = f"The file has {archive.size(name) >> 20} MiB; at most {_MOST_IN_ENTRY >> 20} are read."
        raise Unreadable(reason, "Split it.", f"entry {name}")
    data = archive.read(name)
    hidden = name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")
    is_json = data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"[") or name.lower().endswith(".json")
    if hidden or not data.strip() or not (is_json or name.lower().endswith(_TABLES)):
        return None
    try:
        return read_text(data)
    except Unreadable as fault:
        place = f"entry {name}, {fault.place}" if fault.place else f"entry {name}"
        raise Unreadable(fault.reason, fault.remedy, place) from fault
