"""Which encoding a file is in: told by its sender or a byte-order mark, else UTF-8, else an old one that fits best.

What had to be guessed is told with a few words of the file, so that a person sees whether the letters are right.
"""

import codecs
import io
import re
from collections.abc import Iterator

from chassis.files.alphabets import candidates
from chassis.files.book import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {"cp125": "windows-125", "mac_roman": "Mac Roman", "cp949": "EUC-KR (cp949)", "utf-8-sig": "UTF-8"}
_NO_FILE_IS_IN = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf_7", "undefined"})
_CHUNK = 1 << 16
_SAMPLE = 1 << 15
_AROUND = 200
_TELLING = re.compile(rb"[\x80-\xff]{1,200}")
_TELLING_WORD = re.compile(r"[\w’'-]*[^\W\x00-\x7f][\w’'-]*")  # noqa: RUF001
_AS_UTF8 = "Save the file as UTF-8 (in a spreadsheet: CSV UTF-8) and send it again."
_OR_NAME_IT = "Name the right encoding, or save the file as UTF-8 (in a spreadsheet: CSV UTF-8)."


def recognised(data: bytes, asked: str | None = None) -> tuple[str, list[str]]:
    """The encoding in which all of the data can be read, and what people should know of it.

    Raises Unreadable with the line where there is none.
    """
    encoding = _known(asked) if asked else _told(data)
    if encoding is None and _fault(data, "utf-8") is None:
        encoding = "utf-8"
    if encoding is None:
        encoding, remarks = _old(data)
    else:
        fault = _fault(data, encoding)
        if fault is not None:
            raise _not_in(data, encoding, fault)
        remarks = [] if encoding.startswith("utf-8") else [f"The text was read as {_name(encoding)}."]
    return encoding, remarks


def opened(data: bytes, encoding: str) -> io.TextIOWrapper:
    """The text, decoded as it is read, line breaks as they are."""
    return io.TextIOWrapper(io.BytesIO(data), encoding, newline="")


def _known(asked: str) -> str:
    try:
        encoding = codecs.lookup(asked.strip()).name
        "a".encode(encoding)
    except (LookupError, ValueError) as fault:
        raise _unknown(asked) from fault
    if encoding.replace("-", "_") in _NO_FILE_IS_IN:
        raise _unknown(asked)
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _unknown(asked: str) -> Unreadable:
    return Unreadable(f"There is no encoding “{asked[:40]}”.", "Name one such as utf-8, windows-1252 or shift_jis.")


def _told(data: bytes) -> str | None:
    """By the mark at the beginning, or by the blanks that UTF-16 leaves between plain letters."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    head = data[: _SAMPLE & ~1]
    if b"\0" not in head:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    most = 0.4 * len(head) / 2
    if max(even, odd) < most or min(even, odd) > most / 10:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _fault(data: bytes, encoding: str) -> int | None:
    """The first byte that is not of the encoding, or a NUL; None where there is none."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    view = memoryview(data)
    for start in range(0, len(data), _CHUNK):
        left_over = len(decoder.getstate()[0])
        try:
            text = decoder.decode(view[start : start + _CHUNK], start + _CHUNK >= len(data))
        except UnicodeDecodeError as fault:
            return min(len(data) - 1, start - left_over + fault.start)
        except UnicodeError:
            return start
        if "\0" in text:
            return start + max(0, data[start : start + _CHUNK].find(b"\0"))
    return None


def _old(data: bytes) -> tuple[str, list[str]]:
    """An encoding from before UTF-8, by how its letters fit. Raises Unreadable."""
    nul = data.find(b"\0")
    if nul >= 0:
        raise Unreadable("There is a NUL byte; this is no text.", _AS_UTF8, _line(data, nul))
    _refuse_broken_utf8(data)
    sample = b"\n".join(_telling_lines(data))
    for encoding in candidates(sample):
        if _fault(data, encoding) is None:
            words = dict.fromkeys(_TELLING_WORD.findall(sample.decode(encoding, "ignore")))
            shown = ", ".join(word[:30] for word in list(words)[:5])
            told = f"The text is not UTF-8 and was read as {_name(encoding)}"
            return encoding, [f"{told}; check that this is right: {shown}." if shown else f"{told}."]
    raise Unreadable("The text is in no encoding that could be recognised.", _OR_NAME_IT)


def _refuse_broken_utf8(data: bytes) -> None:
    """A file with more letters in UTF-8 than bytes that are not is one in UTF-8 that was damaged."""
    wrong = right = 0
    for line in _telling_lines(data):
        signs = line.decode("utf-8", "surrogateescape")
        strange = sum("\udc80" <= sign <= "\udcff" for sign in signs)
        wrong += strange
        right += sum(sign > "\x7f" for sign in signs) - strange
    fault = _fault(data, "utf-8")
    if right > wrong and fault is not None:
        raise _not_in(data, "utf-8", fault)


def _telling_lines(data: bytes) -> Iterator[bytes]:
    """Pieces of lines that hold more than ASCII, up to the size of the sample."""
    size = end = 0
    for found in _TELLING.finditer(data):
        if found.start() >= end:
            begin = max(end, found.start() - _AROUND)
            begin = max(begin, data.rfind(b"\n", begin, found.start()) + 1)
            newline = data.find(b"\n", found.end(), found.end() + _AROUND)
            end = newline if newline >= 0 else found.end() + _AROUND
            yield data[begin:end]
            size += end - begin
        if size > _SAMPLE:
            return


def _not_in(data: bytes, encoding: str, fault: int) -> Unreadable:
    if data[fault] == 0:
        return Unreadable("There is a NUL byte; this is no text.", _AS_UTF8, _line(data, fault))
    reason = f"Byte {fault} of the file (0x{data[fault]:02X}) is not {_name(encoding)} text."
    return Unreadable(reason, _OR_NAME_IT, _line(data, fault))


def _line(data: bytes, place: int) -> str:
    return f"line {data.count(bytes([10]), 0, place) + 1}"


def _name(encoding: str) -> str:
    for known, name in _NAMES.items():
        if encoding.startswith(known):
            return encoding.replace(known, name)
    return encoding.upper().replace("_", "-")
