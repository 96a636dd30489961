"""How people are called: names put together from their parts, turned the usual way round, and found again."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from services.people.layouts.columns import Columns
from services.people.layouts.values import clean, on_one_line
from services.people.rules.fields import folded, searchable

_MOSTLY = 0.6
_WORDS = re.compile(r"\w+")
PARTS = ("given_name", "middle_name", "family_prefix", "family_name", "second_family_name")
DISPLAYED = ("display_name", "preferred_name", *PARTS)


def turned(name: str) -> str:
    """`Charles, Glen` the usual way round."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}".strip() if comma else name


def family_first(names: Sequence[str]) -> bool:
    """Whether a column of names is written `Family, Given`."""
    filled = [name for name in names if name]
    return bool(filled) and sum(name.count(",") == 1 for name in filled) >= len(filled) * _MOSTLY


class Names:
    """The names of all rows: what people are called, and by what else others may name them."""

    def __init__(self, columns: Columns) -> None:
        self._parts = {one: _tidied(cells) for one in DISPLAYED if (cells := columns.cells(one)) is not None}
        whole = self._parts.get("display_name")
        self.family_first = whole is not None and family_first(whole)
        if whole is not None and self.family_first:
            self._parts["display_name"] = [turned(name) for name in whole]
        self.rows = len(columns.grid.records)

    def family(self) -> list[str] | None:
        """Family names with what stands before and after them, such as `van McElgunn`."""
        if "family_name" not in self._parts:
            return None
        return [_joined(*parts) for parts in self._rows("family_prefix", "family_name", "second_family_name")]

    def given(self) -> list[str] | None:
        return self._parts.get("given_name")

    def displayed(self) -> list[str] | None:
        """What people are called: as the file says it, with the given name they prefer."""
        if "display_name" in self._parts:
            if "preferred_name" not in self._parts:
                return self._parts["display_name"]
            families = self.family() or [""] * self.rows
            whole, preferred = self._parts["display_name"], self._parts["preferred_name"]
            return [_preferred(*row) for row in zip(whole, preferred, families, strict=True)]
        if not self._parts.keys() & {"given_name", "family_name", "preferred_name"}:
            return None
        rows = self._rows(
            "preferred_name", "given_name", "middle_name", "family_prefix", "family_name", "second_family_name"
        )
        return [_put_together(*row) for row in rows]

    def aliases(self) -> dict[str, str]:
        """Whoever can be meant by a name in any order and without accents, by `alias`, where it is one person."""
        found: dict[str, set[str]] = defaultdict(set)
        displayed = self.displayed() or []
        for name, *others in zip(displayed, *self._others(), strict=True):
            for one in {name, *others} - {""}:
                found[alias(one)].add(name)
        return {one: next(iter(names)) for one, names in found.items() if len(names) == 1}

    def _others(self) -> Iterator[list[str]]:
        if "display_name" in self._parts:
            yield self._parts["display_name"]
        families = self.family()
        for meaning in ("given_name", "preferred_name"):
            if families is not None and meaning in self._parts:
                yield [_joined(one, family) for one, family in zip(self._parts[meaning], families, strict=True)]

    def _rows(self, *meanings: str) -> Iterator[tuple[str, ...]]:
        nothing = [""] * self.rows
        return zip(*(self._parts.get(one, nothing) for one in meanings), strict=True)


def alias(name: str) -> str:
    """A name as it is looked up: its words without case and accents, in the order of the alphabet."""
    return " ".join(sorted(_WORDS.findall(name.casefold() if name.isascii() else searchable(name))))


def _tidied(cells: list[str]) -> list[str]:
    return [clean(on_one_line(cell)) for cell in cells]


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _put_together(preferred: str, given: str, middle: str, prefix: str, family: str, second: str) -> str:
    whole = _joined(prefix, family, second)
    if preferred and family and folded(family) in folded(preferred):
        return preferred
    return _joined(preferred, whole) if preferred else _joined(given, middle, whole)


def _preferred(name: str, preferred: str, family: str) -> str:
    """A whole name with the preferred given name instead of the first one."""
    if not preferred or folded(preferred) in folded(name):
        return name
    if " " in preferred and not family:
        return preferred
    if family:
        return preferred if folded(family) in folded(preferred) else _joined(preferred, family)
    return _joined(preferred, name.partition(" ")[2])
