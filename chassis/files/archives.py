"""ZIP archives, believed only as far as they were inflated: names, sizes and ratios checked before anybody else reads.

A real sheet of 50,000 rows inflates 6 to 30 times, a bomb several hundred times, so beyond 100 an archive is refused.
Small ones may: what inflates to a few MiB harms nobody.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from stat import S_ISLNK
from struct import error as StructError
from struct import unpack_from
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from chassis.files.book import Limits, Unreadable
from contracts.wrong import shortened

_CHUNK = 1 << 16
_HARMLESS = 8 << 20
_MOST_RATIO = 100
_ENCRYPTED = 0x1
_IN_DIRECTORY = b"PK\x01\x02"
_NESTED = (b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"BZh", b"\xfd7zXZ")
_BROKEN = "The archive is broken or cut off."
_AGAIN = "Export it again, or save it anew, and send that."
_HONEST = "Pack the files again with an ordinary program."


class Archive:
    """The files of a ZIP archive by name; nothing is ever written to disk. Raises Unreadable, here and in reading."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        infos = _directory(data, limits)
        for info in infos:
            _check_entry(info)
        self._entries = {info.filename: info for info in infos if not info.is_dir()}
        if len(self._entries) < sum(not info.is_dir() for info in infos):
            raise Unreadable("Two files of the archive have one name.", _HONEST)
        _check_sizes(infos, len(data), limits)

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    def size(self, name: str) -> int:
        """How large the file says it is; `chunks` holds it to that."""
        return self._entries[name].file_size

    def read(self, name: str) -> bytes:
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The inflated file piece by piece, never more than it declares. Raises Unreadable where it lies."""
        info = self._entries[name]
        size = check = 0
        for chunk in _inflated(self._packed(info), info):
            if not size and chunk.startswith(_NESTED):
                raise Unreadable("There is an archive in the archive.", "Unpack it first.", _place(info))
            size += len(chunk)
            check = zlib.crc32(chunk, check)
            if size > info.file_size:
                break
            yield chunk
        if size != info.file_size:
            raise Unreadable("The file is not as long as the archive says.", _HONEST, _place(info))
        if check != info.CRC:
            raise Unreadable("The file is damaged: its checksum does not fit.", _AGAIN, _place(info))

    def _packed(self, info: ZipInfo) -> memoryview:
        """The bytes of the entry as they lie in the archive, behind its own header."""
        try:
            mark, name, extra = unpack_from("<4s22xHH", self._data, info.header_offset)
        except StructError as fault:
            raise Unreadable(_BROKEN, _AGAIN, _place(info)) from fault
        begin = info.header_offset + 30 + name + extra
        packed = memoryview(self._data)[begin : begin + info.compress_size]
        if mark != b"PK\x03\x04" or len(packed) != info.compress_size:
            raise Unreadable(_BROKEN, _AGAIN, _place(info))
        return packed


def _directory(data: bytes, limits: Limits) -> list[ZipInfo]:
    # counted before they are parsed: a file of 20 MiB has room for half a million entries
    if data.count(_IN_DIRECTORY) <= 2 * limits.entries:
        try:
            with ZipFile(BytesIO(data)) as archive:
                infos = archive.infolist()
        except (
            BadZipFile,
            LargeZipFile,
            StructError,
            ValueError,
            OSError,
            NotImplementedError,
            OverflowError,
        ) as fault:
            raise Unreadable(_BROKEN, _AGAIN) from fault
        if len(infos) <= limits.entries:
            return infos
    raise Unreadable(f"The archive has more than {limits.entries} entries.", "Pack only the files that are needed.")


def _check_entry(info: ZipInfo) -> None:
    name, place = info.filename, _place(info)
    if info.flag_bits & _ENCRYPTED:
        raise Unreadable("The file is locked with a password.", "Take the password off.", place)
    if "\\" in info.orig_filename or "\0" in info.orig_filename or name.startswith("/") or ":" in name.split("/")[0]:
        raise Unreadable("The name is no plain path inside the archive.", _HONEST, place)
    if ".." in name.split("/"):
        raise Unreadable("The name leads out of the archive.", _HONEST, place)
    if S_ISLNK(info.external_attr >> 16):
        raise Unreadable("This is a link, no file.", "Pack the file itself.", place)
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise Unreadable("The file is packed in an unusual way.", _HONEST, place)


def _check_sizes(infos: list[ZipInfo], size: int, limits: Limits) -> None:
    inflated, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
    if inflated > limits.unpacked:
        reason = f"Unpacked it would have {inflated >> 20} MiB; at most {limits.unpacked >> 20} are read."
        raise Unreadable(reason, "Split it into several files.")
    if packed > size or (inflated > _HARMLESS and inflated > _MOST_RATIO * packed):
        raise Unreadable("The archive unpacks to far more than a file of tables does.", _HONEST)


def _inflated(packed: memoryview, info: ZipInfo) -> Iterator[bytes]:
    """Piece by piece, since asking for all of a small input may answer a gigabyte."""
    if info.compress_type == ZIP_STORED:
        yield from (bytes(packed[start : start + _CHUNK]) for start in range(0, len(packed), _CHUNK))
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for start in range(0, len(packed), _CHUNK):
            waiting: bytes | memoryview = packed[start : start + _CHUNK]
            while chunk := inflater.decompress(waiting, _CHUNK):
                yield chunk
                waiting = inflater.unconsumed_tail
    except zlib.error as fault:
        raise Unreadable(_BROKEN, _AGAIN, _place(info)) from fault
    if not inflater.eof or inflater.unused_data:
        raise Unreadable(_BROKEN, _AGAIN, _place(info))


def _place(info: ZipInfo) -> str:
    return f"entry {shortened(info.filename)}"
