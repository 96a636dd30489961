"""Which column of a file holds what: by the sender's word, by its system, by its header, by what stands in it.

Every column is taken for one thing at most. Where several could be one thing, the better one is taken and the others
are told; where nothing decides between two keys, the file is refused with the question.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from services.people.layouts import content
from services.people.layouts.columns import MANAGERS, Columns
from services.people.layouts.fitting import fits
from services.people.layouts.grid import Grid
from services.people.layouts.headers import ELSEWISE, GROUPED, PRIVATELY, UNREAD, Meant, alike, key, meant, suggestion
from services.people.layouts.heading import refused
from services.people.layouts.mapping import Mapped
from services.people.layouts.presets import Preset
from services.people.layouts.understood import How

_KEYS = frozenset({"external_id", "email", "display_name"})
_MOST_ALIKE = 200
_KNOWN = 1000
"""Ranks below are those of a system's own headers."""
WHY = {
    PRIVATELY: "private",
    ELSEWISE: "Cairn has no field for it",
    GROUPED: "groups (Cairn has teams of its own; --map teams=HEADER reads a column)",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    place: int
    how: How
    rank: int


def recognised(grid: Grid, preset: Preset | None, asked: Mapped, ignored: frozenset[str]) -> Columns:
    """The columns of a file. Raises Unreadable where nothing decides between two."""
    columns = Columns(grid, asked=frozenset(asked.places), built=asked.built, parts=asked.parts)
    for meaning, place in asked.places.items():
        columns.take(meaning, place, "map")
    candidates = _candidates(columns, preset, {key(one) for one in ignored})
    if columns.asked.intersection(MANAGERS):
        columns.managers = [(meaning, asked.places[meaning]) for meaning in MANAGERS if meaning in columns.asked]
    else:
        pairs = [(one, meaning) for meaning in MANAGERS for one in candidates.get(meaning, ())]
        columns.managers = [(meaning, one.place) for one, meaning in sorted(pairs, key=lambda pair: pair[0].rank)]
        columns.how |= {meaning: one.how for one, meaning in pairs}
    for meaning, found in candidates.items():
        if meaning in columns.asked or meaning in MANAGERS:
            _lose(columns, meaning, found)
        else:
            _choose(columns, meaning, found)
    _settle_name(columns)
    _join_manager_names(columns)
    content.complete(columns)
    _name_unknown(columns)
    return columns


def _candidates(columns: Columns, preset: Preset | None, ignored: set[str]) -> dict[str, list[Candidate]]:
    """For every meaning the columns whose header says it; those not to be read are told at once."""
    grid, taken = columns.grid, set(columns.places.values())
    found: dict[str, list[Candidate]] = {}
    headers = _Headers(preset)
    for place, names in enumerate(grid.names):
        named = [name for name in names if name]
        if place in taken:
            continue
        if ignored.intersection(map(key, named)):
            columns.unread[place] = "as asked"
        elif not grid.holds(place):
            columns.unread |= {place: "empty"} if named else {}
        elif (read := headers.read(named)) is not None:
            said, how = read
            if said.meaning in UNREAD:
                columns.unread[place] = WHY[said.meaning]
            else:
                found.setdefault(said.meaning, []).append(Candidate(place, how, said.rank))
    return found


class _Headers:
    """What headers mean by a system's own words, by those everybody knows, or by words near to them."""

    def __init__(self, preset: Preset | None) -> None:
        self._given = preset.meanings if preset else {}
        self._ranks = {header: rank for rank, header in enumerate(self._given)}
        self._looked_up = 0

    def read(self, names: list[str]) -> tuple[Meant, How] | None:
        """The meaning of a column by any of its header rows."""
        for name in names:
            if (known := key(name)) in self._given:
                return Meant(self._given[known], self._ranks[known]), "preset"
        for name in names:
            if found := meant(name):
                return Meant(found.meaning, _KNOWN + found.rank), "header"
        for name in names:
            self._looked_up += 1
            if self._looked_up <= _MOST_ALIKE and (near := alike(name)):
                return Meant(near.meaning, _KNOWN + near.rank), "alike"
        return None


def _choose(columns: Columns, meaning: str, found: list[Candidate]) -> None:
    """The best column for a meaning: one whose cells fit it, then by rank."""
    grid = columns.grid
    fitting = [one for one in found if one.how == "preset" or fits(meaning, grid.facts(one.place))]
    if meaning == "external_id" and len(fitting) > 1 and (pointed := _pointed_at(columns, fitting)):
        fitting = pointed
    best = min(fitting or found, key=lambda one: (one.rank, one.place))
    if not fitting and meaning not in _KEYS | {"start_date", "end_date", "effective_date"}:
        for one in found:
            columns.unread[one.place] = f"what stands in it does not fit {meaning}"
        return
    _ask_between(columns, meaning, best, fitting)
    columns.take(meaning, best.place, best.how)
    _lose(columns, meaning, [one for one in found if one is not best])


def _lose(columns: Columns, meaning: str, losers: Iterable[Candidate]) -> None:
    if meaning in MANAGERS and not columns.asked.intersection(MANAGERS):
        return
    taken = columns.grid.name(columns.places[meaning] if meaning in columns.places else columns.managers[0][1])
    for one in losers:
        columns.unread[one.place] = f'{meaning} is read from "{taken}"; --map {meaning}=HEADER takes another'


def _pointed_at(columns: Columns, found: list[Candidate]) -> list[Candidate]:
    """Of several columns of ids the one that managers are named by."""
    grid = columns.grid
    named = [
        grid.facts(place).distinct
        for meaning, place in columns.managers
        if meaning in ("manager_external_id", "manager")
    ]
    shares = [
        max((len(ids & grid.facts(one.place).distinct) / len(ids) for ids in named if ids), default=0.0)
        for one in found
    ]
    return [one for one, share in zip(found, shares, strict=True) if share >= 0.5 and share == max(shares)]


def _ask_between(columns: Columns, meaning: str, best: Candidate, found: Iterable[Candidate]) -> None:
    """Two columns of one header that say different things: which is meant, only the sender knows."""
    grid = columns.grid
    for one in found:
        same = one is not best and one.rank == best.rank and meaning in _KEYS
        if same and grid.column(one.place) != grid.column(best.place):
            raise refused(
                f"Two columns are called “{grid.name(best.place)}” and differ; which one is the {meaning}?",
                "Rename or remove one of them and send the file again.",
            )


def _settle_name(columns: Columns) -> None:
    """“Name” is the family name beside a given name, the given name beside a family name, else the whole."""
    place = columns.places.pop("name", None)
    if place is None:
        return
    has = columns.places.keys() & {"given_name", "family_name", "display_name"}
    for meaning, suits in (
        ("family_name", has == {"given_name"}),
        ("given_name", has == {"family_name"}),
        ("display_name", "display_name" not in has),
    ):
        if suits:
            columns.take(meaning, place, columns.how["name"])
            return
    columns.unread[place] = f'display_name is read from "{columns.grid.name(columns.places["display_name"])}"'


def _join_manager_names(columns: Columns) -> None:
    """The manager's name from two columns."""
    given, family = (columns.places.pop(f"manager_{part}_name", None) for part in ("given", "family"))
    if given is not None and family is not None:
        grid = columns.grid
        cells = [f"{one} {other}".strip() for one, other in zip(grid.column(given), grid.column(family), strict=True)]
        columns.managers.append(("manager_name", grid.add(f"{grid.name(given)} + {grid.name(family)}", cells)))
        columns.parts |= {given, family}


def _name_unknown(columns: Columns) -> None:
    """Tell every column nothing was made of, with what may have been meant by it."""
    used = {*columns.places.values(), *columns.unread, *columns.parts, *(place for _, place in columns.managers)}
    rest = [place for place in range(len(columns.grid.names)) if place not in used]
    for count, place in enumerate(rest):
        name = next((name for name in columns.grid.names[place] if name), "")
        if name or columns.grid.holds(place):
            near = suggestion(name) if name and count < _MOST_ALIKE else None
            if near in columns.places or (near in MANAGERS and columns.managers):
                near = None
            columns.unread[place] = f"not recognised (is it {near}? --map {near}={name})" if near else "not recognised"
