"""Text as search sees it: without case, accents and surplus blanks."""

import unicodedata

_DOTLESS_I = "\u0131"
_WHOLE = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", _DOTLESS_I: "i", "æ": "ae", "œ": "oe", "ħ": "h"}
)
"""Letters that Unicode does not take apart into a letter and its mark."""


def folded(text: str) -> str:
    """The same for `Müller`, `MULLER` and ` muller`; `ß` becomes `ss`."""
    if text.isascii():
        return " ".join(text.casefold().split())
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(bare.casefold().translate(_WHOLE).split())
