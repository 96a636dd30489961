"""From bytes to text: UTF-8, with or without a byte-order mark, and nothing else."""

from pathlib import Path

from cairn.exchange.layouts.wrong import refusal

MOST_BYTES = 200 << 20
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_AS_UTF8 = "Save the file as UTF-8 (in a spreadsheet: CSV UTF-8) and try again."


def read(path: Path) -> bytes:
    """The bytes of a file. Raises Rejected where it is too large, OSError where it cannot be read."""
    if path.stat().st_size > MOST_BYTES:
        raise refusal("the file", f"It is larger than {MOST_BYTES >> 20} MiB.", "Split it into several files.")
    return path.read_bytes()


def decoded(data: bytes) -> str:
    """The text of a file without its byte-order mark. Raises Rejected naming line and byte."""
    if data.startswith(_UTF16):
        raise refusal("line 1", "The file is in UTF-16.", _AS_UTF8)
    skipped = len(_BOM) if data.startswith(_BOM) else 0
    try:
        text = data[skipped:].decode("utf-8")
    except UnicodeDecodeError as fault:
        place = skipped + fault.start
        line = data.count(b"\n", 0, place) + 1
        raise refusal(f"line {line}", f"Byte {place} (0x{data[place]:02X}) is not UTF-8 text.", _AS_UTF8) from fault
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise refusal(f"line {line}", "There is a NUL byte; this is no text.", _AS_UTF8)
    if not text.strip():
        raise refusal("line 1", "The file is empty.", "See docs/import.md for what it holds.")
    return text
