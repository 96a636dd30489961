r"""Several texts in one cell: separators mean themselves after a backslash, and outer blanks do not count.

`a|b\|c` is the two texts `a` and `b|c`. Whatever is joined splits into the same texts again.
"""

import re
from collections.abc import Iterable

SPECIAL = "\\|;:@"
_SPECIAL = re.compile(r"[\\|;:@]|^\s|\s$")
_PIECE = re.compile(r"\\.|[^\\]|\\$", re.DOTALL)


def escaped(text: str) -> str:
    """The text as it stands in a joined cell."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], text)


def unescaped(piece: str) -> str:
    """The text a piece of a joined cell means."""
    return re.sub(r"\\(.)", r"\1", _trimmed(piece), flags=re.DOTALL)


def joined(texts: Iterable[str], separator: str = "|") -> str:
    """Texts in one cell; `separator` is one of `SPECIAL`."""
    return separator.join(escaped(text) for text in texts)


def pieces(cell: str, separator: str, most: int = 0) -> list[str]:
    """The cell cut at its separators, at the first `most` of them if that is given; still escaped."""
    found = [""]
    for piece in _PIECE.findall(cell):
        if piece == separator and not (most and len(found) > most):
            found.append("")
        else:
            found[-1] += piece
    return found


def texts(cell: str, separator: str = "|") -> list[str]:
    """The texts of a joined cell; empty ones are left out."""
    return [text for piece in pieces(cell, separator) if (text := unescaped(piece))]


def tail(piece: str, mark: str) -> tuple[str, str | None]:
    """A piece without what follows its last mark, and that; None where there is no mark."""
    cut = pieces(piece, mark)
    return (piece, None) if len(cut) == 1 else (mark.join(cut[:-1]), cut[-1].strip())


def _trimmed(piece: str) -> str:
    text = piece.lstrip()
    bare = text.rstrip()
    slashes = len(bare) - len(bare.rstrip("\\"))
    return bare + text[len(bare) : len(bare) + slashes % 2]
