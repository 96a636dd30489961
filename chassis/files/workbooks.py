"""XLSX files: checked piece by piece here, taken apart by python-calamine in a process of its own.

That process may use so much memory and time and no more, and has nothing to lose; see `xlsx_child.py`.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from threading import Timer

import msgspec

from chassis.files.archives import Archive
from chassis.files.book import Book, Limits, Record, Sheet, Unreadable

_PROGRAM = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from chassis.files.xlsx_child import main; main()"
_TRAP = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<", b"\0\0")
_PICTURES = "xl/media/"
_SAVE_AGAIN = "Open it in a spreadsheet, save it as XLSX and send that."
_GAVE_UP = "The workbook is damaged, or reading it takes more memory or time than a table should."
_Said = dict[str, str] | list[str] | None


def read_workbook(data: bytes, archive: Archive, limits: Limits) -> Book:
    """The visible sheets that hold anything. Raises Unreadable."""
    for name in archive.names:
        _check_part(archive, name)
    found: list[tuple[str, list[Record]]] = []
    remarks: list[str] = []
    for said in _said(data, limits):
        if isinstance(said, list):
            found[-1][1].append(Record(int(said[0]), tuple(said[1:])))
        elif "sheet" in said:
            found.append((said["sheet"], []))
        elif "remark" in said:
            remarks.append(said["remark"])
        else:
            raise Unreadable(said["reason"], said["remedy"], said["place"])
    sheets = tuple(Sheet(name, records) for name, records in found if records)
    if not sheets:
        raise Unreadable("No visible sheet holds anything.", "Show the sheet that is meant and save the file again.")
    return Book("xlsx", sheets, remarks=tuple(remarks))


def _check_part(archive: Archive, name: str) -> None:
    """Inflate a part wholly, as a check, and look for what could make an XML reader fetch or multiply anything."""
    end = b""
    for chunk in archive.chunks(name):
        if not end and chunk.startswith(_WIDE) and name.endswith((".xml", ".rels")):
            raise Unreadable("The workbook is written in an unusual encoding.", _SAVE_AGAIN, f"entry {name}")
        if _TRAP.search(end + chunk) and not name.startswith(_PICTURES):
            raise Unreadable("The workbook declares entities, as no spreadsheet does.", _SAVE_AGAIN, f"entry {name}")
        end = chunk[-16:]


def _said(data: bytes, limits: Limits) -> Iterator[dict[str, str] | list[str]]:
    """What the reading process says until it is done. Raises Unreadable where it ends before."""
    command = [sys.executable, "-I", "-c", _PROGRAM, json.dumps(sys.path), json.dumps(asdict(limits))]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    timer = Timer(limits.seconds, process.kill)
    timer.start()
    try:
        yield from _conversation(process, data, limits.unpacked)
    finally:
        timer.cancel()
        process.kill()
        process.wait()


def _conversation(process: "subprocess.Popen[bytes]", data: bytes, most: int) -> Iterator[dict[str, str] | list[str]]:
    given, taken = process.stdin, process.stdout
    assert given is not None  # noqa: S101 - pipes were asked for
    assert taken is not None  # noqa: S101
    decoder = msgspec.json.Decoder(_Said)
    with taken:
        try:
            with given:
                given.write(data)
        except BrokenPipeError:
            pass  # it gave up while it read; that it has not finished says so
        for line in taken:
            most -= len(line)
            said = decoder.decode(line) if most >= 0 else None
            if said is None:
                break
            yield said
        else:
            raise Unreadable(_GAVE_UP, "Save it anew with only the rows and columns that are needed, or as CSV.")
    if most < 0:
        raise Unreadable("The workbook holds more text than can be read.", "Split it into several files.")
