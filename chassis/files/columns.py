"""A column map somebody wrote: which header, template or constant fills each column of ours.

`external_id={org}/{ref},email=Work mail,locale==pt-PT`, or the same pairs as a JSON object. `{org:40}` takes the first
forty characters: made-up addresses have to fit.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from chassis.files.headers import normalised
from contracts.wrong import Wrong, shortened

_PART = re.compile(r"\{([^{}]*?)(?::([1-9]\d{0,3}))?\}")
_JSON = re.compile(r'\s*\{\s*"')
_NEXT_PAIR = re.compile(r",(?=\s*\w+\s*=)")
_FORM = "Write pairs such as external_id={org}/{ref},email=Work mail,locale==pt-PT, or the same as a JSON object."


class Mismapped(Exception):
    """A column map that cannot be used; `wrong` says why."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(str(wrong))
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Per column of ours a header, a template such as `{org}/{ref}`, or a constant such as `=pt-PT`."""

    sources: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> "ColumnMap":
        """From pairs or a JSON object of texts. Whether there are such columns the caller knows. Raises Mismapped."""
        pairs = _json_pairs(text) if _JSON.match(text) else _pairs(text)
        sources: dict[str, str] = {}
        for column, source in pairs:
            if column in sources:
                raise Mismapped(Wrong(f"The map fills {shortened(column)} twice.", "Keep one of the two."))
            sources[column] = source
        return cls(sources)

    def headers(self, header: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Per column of ours the places of the headers it is read from. Raises Mismapped for one that is not there."""
        return {
            column: tuple(_place(name, header) for name in _names(source)) for column, source in self.sources.items()
        }

    def apply(self, header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
        """A row by our columns; a template without text in any of its parts is empty. Raises Mismapped."""
        return self.filled(self.headers(header), cells)

    def filled(self, headers: Mapping[str, Sequence[int]], cells: Sequence[str]) -> dict[str, str]:
        """`apply` for many rows of one file: `headers` are looked up once."""
        return {
            column: _filled(self.sources[column], [cells[place] if place < len(cells) else "" for place in places])
            for column, places in headers.items()
        }


def _pairs(text: str) -> list[tuple[str, str]]:
    cut = [piece.partition("=") for piece in _NEXT_PAIR.split(text)]
    for column, _, source in cut:
        if not column.strip() or not source.strip():
            raise Mismapped(Wrong(f"“{shortened(column)}” is mapped to nothing.", _FORM))
    return [(column.strip(), source.strip()) for column, _, source in cut]


def _json_pairs(text: str) -> list[tuple[str, str]]:
    try:
        pairs: Any = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError) as fault:
        raise Mismapped(Wrong("The column map is no proper JSON.", _FORM)) from fault
    if not all(isinstance(source, str) and source.strip() for _, source in pairs):
        raise Mismapped(Wrong("The column map maps to something that is no text.", _FORM))
    return [(column.strip(), source.strip()) for column, source in pairs]


def _names(source: str) -> list[str]:
    """The headers a source names."""
    return [] if source.startswith("=") else [name for name, _ in _PART.findall(source)] or [source]


def pieces(source: str) -> tuple[list[str], list[int | None]]:
    """What stands around the parts of a template, and how many characters it takes of each part; None: all."""
    texts = _PART.split(source)
    return texts[::3], [int(most) if most else None for most in texts[2::3]]


def put_together(around: Sequence[str], most: Sequence[int | None], parts: Sequence[str]) -> str:
    """A template filled; the first two are `pieces` of it."""
    filled = (f"{part[:length]}{text}" for part, length, text in zip(parts, most, around[1:], strict=True))
    return "".join((around[0], *filled)).strip()


def _place(name: str, header: Sequence[str]) -> int:
    """Where the header stands: word for word, else but for case, accents and punctuation."""
    alike = [place for place, one in enumerate(header) if one == name.strip()] or [
        place for place, one in enumerate(header) if normalised(one) == normalised(name)
    ]
    if len(alike) == 1:
        return alike[0]
    if alike:
        remedy = f"Name one of them word for word: {', '.join(header[place] for place in alike)}."
        raise Mismapped(Wrong(f"The file has the header “{shortened(name)}” more than once.", remedy))
    by_name = {normalised(one): one for one in header}
    close = [by_name[one] for one in get_close_matches(normalised(name), by_name, 3, 0.6)]
    remedy = (
        f"Perhaps {' or '.join(close)} is meant." if close else f"The file has {shortened(', '.join(header), 300)}."
    )
    raise Mismapped(Wrong(f"The file has no header “{shortened(name)}”.", remedy))


def _filled(source: str, parts: list[str]) -> str:
    if source.startswith("="):
        return source[1:]
    if not _PART.search(source):
        return parts[0]
    return put_together(*pieces(source), parts) if any(parts) else ""
