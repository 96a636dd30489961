"""Headers compared the way people read them: case, accents, camelCase and punctuation do not count."""

import re
import unicodedata

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_APART = re.compile(r"[\W_]+")


def normalised(header: str) -> str:
    """`E-Mail Address*` and `eMailAddress` as words with single blanks between them: `e mail address`."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", _CAMEL.sub(" ", header)) if not _accent(sign))
    return _APART.sub(" ", bare.casefold()).strip()


def _accent(sign: str) -> bool:
    return unicodedata.category(sign) == "Mn"
