"""Several files with the same header as one: exports of large organisations come in parts."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from cairn.exchange.layouts.wrong import refusal

MOST_HEADER_LINES = 2
_BOM = b"\xef\xbb\xbf"
_NO_LINES = (b"PK", b"\xff\xfe", b"\xfe\xff", b"{", b"[")


@dataclass(frozen=True, slots=True)
class Joined:
    """One file made of parts; `starts` has the line each part begins on, less the lines it lost."""

    content: bytes
    names: Sequence[str]
    starts: Sequence[int] = (1,)
    lost: Sequence[int] = (0,)

    def place(self, line: int) -> str:
        """A line of the whole as people find it: with the name of its part, where there are several."""
        if len(self.names) == 1:
            return f"line {line}"
        part = bisect_right(self.starts, line) - 1
        return f"{self.names[part]}, line {line - self.starts[part] + 1 + self.lost[part]}"


def joined(names: Sequence[str], contents: Sequence[bytes]) -> Joined:
    """The rows of all parts below the header of the first. Raises Rejected where that would not be one table."""
    if len(contents) == 1:
        return Joined(contents[0], names)
    parts = [content.removeprefix(_BOM).splitlines(keepends=True) for content in contents]
    for name, content in zip(names, contents, strict=True):
        if content.startswith(_NO_LINES):
            raise refusal(name, "Only CSV files can be joined.", "Import it by itself, or save it as CSV.")
    header = _header(parts)
    if not header:
        remedy = "Import files with different columns one by one."
        raise refusal(names[1], f"Its header is not that of {names[0]}.", remedy)
    return _stacked(names, parts, header)


def _header(parts: Sequence[Sequence[bytes]]) -> int:
    """How many lines all parts begin with alike, one or two where they have a header in common."""
    same = 0
    for lines in zip(*(part[:MOST_HEADER_LINES] for part in parts), strict=False):
        if len({line.rstrip(b"\r\n") for line in lines}) > 1:
            break
        same += 1
    return same


def _stacked(names: Sequence[str], parts: Sequence[list[bytes]], header: int) -> Joined:
    whole, starts, lost = bytearray(), [], []
    line = 1
    for place, part in enumerate(parts):
        kept = part[header if place else 0 :]
        starts.append(line)
        lost.append(header if place else 0)
        line += len(kept)
        whole += b"".join(kept)
        if not whole.endswith(b"\n"):
            whole += b"\n"
    return Joined(bytes(whole), names, starts, lost)
