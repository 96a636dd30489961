"""What a header means on its own: the words known for it, words near to them, and what is private or not for Cairn."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache

from chassis.files.headers import normalised
from services.people.layouts.unread_words import GROUPS, OTHERS, PRIVATE, PRIVATE_PARTS
from services.people.layouts.values import listed
from services.people.layouts.words import WORDS

PRIVATELY, GROUPED, ELSEWISE = "private", "groups", "unread"
"""Meanings of columns that are not read."""
UNREAD = (PRIVATELY, GROUPED, ELSEWISE)

_TABLES: Mapping[str, str] = {**WORDS, PRIVATELY: PRIVATE, GROUPED: GROUPS, ELSEWISE: OTHERS}
_TAG = re.compile(r"[a-z]{2}: ")
_NUMBER = re.compile(r"#|№|\bn[°º]", re.IGNORECASE)
_NOTE = re.compile(r"[(\[][^)\]]*[)\]]")
_PLAIN = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})  # noqa: RUF001 - Turkish
_NOISE = listed(
    "employee|employees|worker|user|staff|person|required|optional|mandatory|legal|current|mitarbeiter|collaborateur"
    "|salarie|empleado|dipendente|medewerker|funcionario|colaborador|pracownika"
)
_SHORTEST_ALIKE = 5
_LONGEST_ALIKE = 60
_ALIKE = 0.86


@dataclass(frozen=True, slots=True)
class Meant:
    """What a header means; the lower the rank, the more it is preferred among headers of one meaning."""

    meaning: str
    rank: int


@lru_cache(maxsize=4096)
def key(header: str) -> str:
    """A header as it is compared: without blanks too, so that FIRSTNAME, first_name and First Name are one."""
    return normalised(_NUMBER.sub(" number ", header).translate(_PLAIN)).replace(" ", "")


def words_of(meaning: str) -> list[str]:
    """The words known for a meaning, the preferred ones first."""
    table = _TABLES[meaning]
    pieces = [_TAG.sub("", f"{piece.strip()} ").strip() for piece in table.replace("\n", "|").split("|")]
    own = [meaning] if table and meaning in WORDS else []
    return [*(piece for piece in pieces if piece), *own]


@cache
def _known() -> Mapping[str, Meant]:
    """Every known header by its key; what stands in two tables belongs to the first."""
    found: dict[str, Meant] = {}
    for meaning in (*WORDS, *UNREAD):
        for rank, word in enumerate(words_of(meaning)):
            found.setdefault(key(word), Meant(meaning, rank))
    return found


@cache
def _private_parts() -> frozenset[str]:
    return listed(PRIVATE_PARTS.replace("\n", "|"))


def meant(header: str) -> Meant | None:
    """What a header means by its words, those in brackets and such as “employee” left aside if need be."""
    if exact := _known().get(key(header)):
        return exact
    bare = _NOTE.sub(" ", header)
    words = normalised(bare).split()
    if _private_parts().intersection(words):
        return Meant(PRIVATELY, 0)
    fewer = [word for word in words if word not in _NOISE]
    for shorter in (bare, " ".join(fewer)):
        if found := _known().get(key(shorter)):
            return Meant(found.meaning, found.rank + 1000)
    return None


def alike(header: str) -> Meant | None:
    """What a header means if it is misspelt; None where words of different meanings are as near."""
    if not (_SHORTEST_ALIKE <= len(key(header)) <= _LONGEST_ALIKE):
        return None
    near = get_close_matches(key(header), _known(), 5, _ALIKE)
    meanings = {_known()[one].meaning for one in near}
    if len(meanings) != 1:
        return None
    return Meant(_known()[near[0]].meaning, 2000)


def suggestion(header: str) -> str | None:
    """The meaning that an unknown header is nearest to, for a “did you mean”."""
    near = get_close_matches(key(header)[:_LONGEST_ALIKE], _known(), 1, 0.72)
    meaning = _known()[near[0]].meaning if near else None
    return None if meaning in UNREAD else meaning
