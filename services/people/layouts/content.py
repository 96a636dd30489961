"""What a column holds, told by its cells where its header tells nothing: addresses, ids, names, and who names whom."""

import re
from collections.abc import Callable

from services.people.layouts.columns import Columns
from services.people.layouts.grid import Facts
from services.people.layouts.heading import named, refused
from services.people.rules.fields import email_wrong
from services.people.rules.tree import loops

_NEARLY_ALL = 0.9
_FEWEST = 3
"""With fewer rows, what stands in a column proves nothing."""
_MOST = 60
"""More unknown columns than that are no table of people that anything could be guessed of."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/\\-]{0,39}", re.ASCII)
_NAME = re.compile(r"[^\W\d_][^\d@/|;:]*[ ,][^\d@/|;:]+")
_POINTING = (("manager_external_id", "external_id"), ("manager_email", "email"), ("manager_name", "display_name"))


def complete(columns: Columns) -> None:
    """Look for what no header named: the address, the id, the name and the manager of a row. Raises Unreadable."""
    if len(columns.grid.records) < _FEWEST:
        return
    _find(columns, "email", _is_email, "e-mail address")
    _find(columns, "external_id", _is_id, "id")
    if not columns.places.keys() & {"display_name", "given_name", "family_name"}:
        _find(columns, "display_name", _is_name, "name")
    if not columns.managers:
        _find_manager(columns)


def _unknown(columns: Columns) -> list[int]:
    """The columns with something in them that nothing was made of yet."""
    used = {*columns.places.values(), *columns.unread, *(place for _, place in columns.managers)}
    places = range(len(columns.grid.names))
    return [place for place in places if place not in used and columns.grid.holds(place)][:_MOST]


def _share(facts: Facts, pattern: re.Pattern[str]) -> float:
    return sum(pattern.fullmatch(one) is not None for one in facts.distinct) / len(facts.distinct)


def _is_email(facts: Facts, rows: int) -> bool:
    if facts.email_share() < _NEARLY_ALL or facts.filled < rows / 2:
        return False
    return sum(email_wrong(one) is None for one in facts.distinct) >= len(facts.distinct) * _NEARLY_ALL


def _is_id(facts: Facts, rows: int) -> bool:
    if facts.filled < rows * _NEARLY_ALL or not facts.unique or _counts(facts):
        return False
    return _share(facts, _ID) >= _NEARLY_ALL


def _counts(facts: Facts) -> bool:
    """Whether these are the numbers of the rows: 1, 2, 3 and so on."""
    return facts.distinct == {str(one) for one in range(1, facts.filled + 1)}


def _is_name(facts: Facts, rows: int) -> bool:
    nearly_unique = len(facts.distinct) >= facts.filled * _NEARLY_ALL
    return facts.filled >= rows * _NEARLY_ALL and nearly_unique and _share(facts, _NAME) >= _NEARLY_ALL


def _find(columns: Columns, meaning: str, test: Callable[[Facts, int], bool], called: str) -> None:
    """Take the one column that can be it; of several, the one whose cells another column repeats."""
    if meaning in columns.places:
        return
    grid = columns.grid
    found = [place for place in _unknown(columns) if test(grid.facts(place), len(grid.records))]
    if len(found) > 1:
        found = [place for place in found if _repeated(columns, place)] or found
    if len(found) == 1:
        columns.take(meaning, found[0], "content")
    elif found and not columns.places.keys() & {"email", "external_id"}:
        names = named([grid.name(place) for place in found])
        remedy = f"Say it: --map {meaning}=HEADER (`map` in the API)."
        raise refused(f"Several columns could hold the {called} of a person: {names}.", remedy)


def _repeated(columns: Columns, place: int) -> bool:
    """Whether each cell stands here once, and another column repeats some of them, as managers do."""
    facts = columns.grid.facts(place)
    others = [columns.grid.facts(other) for other in _unknown(columns) if other != place]
    repeating = (
        one for one in others if len(one.distinct) < one.filled and one.share_in(facts.distinct) >= _NEARLY_ALL
    )
    return facts.unique and any(repeating)


def _find_manager(columns: Columns) -> None:
    """The column whose cells are ids, addresses or names of the file and put its rows into a tree."""
    for meaning, of in _POINTING:
        if (keys := columns.cells(of)) is None:
            continue
        found = [place for place in _unknown(columns) if _is_tree(columns, keys, columns.places[of], place)]
        if len(found) == 1:
            columns.managers.append((meaning, found[0]))
            columns.how[meaning] = "content"
            return


def _is_tree(columns: Columns, keys: list[str], of: int, place: int) -> bool:
    facts, whole = columns.grid.facts(place), columns.grid.facts(of)
    if len(facts.distinct) >= facts.filled or facts.share_in(whole.distinct) < _NEARLY_ALL:
        return False
    above = {one: other or None for one, other in zip(keys, columns.grid.column(place), strict=True) if one != other}
    tops = len(keys) - sum(other is not None for other in above.values())
    return tops <= max(1, len(keys) * (1 - _NEARLY_ALL)) and not loops(above)
