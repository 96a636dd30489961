"""Goals and check-ins as native items: what Cairn has, in the words a file uses. Reading them back changes nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cairn.exchange.directory import PERSON, Directory
from cairn.exchange.layouts.links import Parent, Stage
from cairn.exchange.layouts.native import CHECK_IN, CYCLE, KEY_RESULT, OBJECTIVE, Item
from cairn.exchange.okrs.register import Present, Standing, name_of

QUANTITIES = ("start", "target", "lower", "upper")


class NoSuchCycle(Exception):
    """No cycle, or more than one, has the name asked for."""


def exported(standing: Standing, directory: Directory, cycle: str | None = None) -> list[Item]:
    """Everything, or one cycle by name or external id. Raises NoSuchCycle.

    Parents in other cycles are named all the same: such a file goes back only where they are.
    """
    cycles, objectives = _chosen(standing, cycle)
    names = _Names(standing)
    items = [_cycle(one) for one in cycles]
    items += [_objective(one, directory, names) for one in objectives]
    return items + [item for one in objectives for item in _key_results(one, directory)]


def exported_check_ins(
    check_ins: Iterable[Present], standing: Standing, directory: Directory, cycle: str | None = None
) -> list[Item]:
    """Those that stand, on key results that are still there, as they were given. Raises NoSuchCycle."""
    _, objectives = _chosen(standing, cycle)
    names = {one["id"]: name_of(one) for objective in objectives for one in objective["key_results"]}
    return [
        _check_in(one, names[one["key_result_id"]], directory)
        for one in check_ins
        if one["key_result_id"] in names and not one["withdrawn"]
    ]


def _chosen(standing: Standing, cycle: str | None) -> tuple[list[Present], list[Present]]:
    """The cycles and the objectives in them. Raises NoSuchCycle."""
    chosen = [one for one in standing.cycles if cycle is None or cycle in (one["name"], one.get("external_id"))]
    if cycle is not None and len(chosen) != 1:
        known = ", ".join(one["name"] for one in standing.cycles) or "none"
        raise NoSuchCycle(f"{len(chosen)} cycles are called “{cycle}”; there are: {known}.")
    ids = {one["id"] for one in chosen}
    return chosen, [one for one in standing.objectives if one["cycle_id"] in ids]


class _Names:
    """What everything is called, and which names need to be told apart."""

    def __init__(self, standing: Standing) -> None:
        self.parents: dict[str, tuple[str, str]] = {}
        for objective in standing.objectives:
            self.parents[objective["id"]] = (OBJECTIVE, name_of(objective))
            for one in objective["key_results"]:
                self.parents[one["id"]] = (KEY_RESULT, name_of(one))
        self._borne = Counter(name for _, name in self.parents.values())
        self.cycles = _cycle_names(standing)

    def parent(self, link: Mapping[str, Any]) -> Parent | None:
        """A link as a file says it; None where the parent cannot be seen."""
        found = self.parents.get(link["parent_id"])
        if found is None:
            return None
        kind, name = found
        return Parent(name, kind if self._borne[name] > 1 else None, link["kind"], Decimal(link["weight"]))


def _cycle_names(standing: Standing) -> dict[str, str]:
    """A cycle's name where nothing else is called so; otherwise its external id or id."""
    own = {one["id"]: name_of(one) for one in standing.cycles}
    borne = Counter(name for one in standing.cycles for name in {own[one["id"]], one["name"]})
    return {one["id"]: one["name"] if borne[one["name"]] == 1 else own[one["id"]] for one in standing.cycles}


def _cycle(one: Present) -> Item:
    days = {name: date.fromisoformat(one[name]) for name in ("starts_on", "ends_on")}
    return Item(CYCLE, {"external_id": name_of(one), "name": one["name"], **days, "state": one["state"]})


def _objective(one: Present, directory: Directory, names: _Names) -> Item:
    parents = [names.parent(link) for link in one["parents"]]
    grade = None if one["grade"] is None else Decimal(repr(one["grade"]))
    values = {
        "external_id": name_of(one),
        "cycle": names.cycles[one["cycle_id"]],
        "title": one["title"],
        "description": one["description"] or None,
        "owner": directory.called(one["owner_kind"], one["owner_id"]),
        "co_owners": tuple(directory.called(PERSON, person) for person in one["co_owner_ids"]),
        "kind": one["kind"],
        "state": one["state"],
        "parents": tuple(parent for parent in parents if parent is not None),
        "grade": grade,
        "grade_note": one["grade_note"] or None,
        "attributes": one["attributes"],
    }
    return Item(OBJECTIVE, values)


def _key_results(objective: Present, directory: Directory) -> Iterator[Item]:
    for one in objective["key_results"]:
        quantities = {name: None if one[name] is None else Decimal(one[name]) for name in QUANTITIES}
        stages = tuple(Stage(s["id"], s["title"], Decimal(s["weight"])) for s in one["milestones"])
        values = {
            "external_id": name_of(one),
            "objective": name_of(objective),
            "title": one["title"],
            "owner": directory.called(PERSON, one["owner_id"]) if one["owner_id"] else None,
            "metric": one["metric"],
            "unit": one["unit"],
            "currency": one["currency"],
            **quantities,
            "milestones": stages,
            "weight": Decimal(one["weight"]),
            "attributes": one["attributes"],
        }
        yield Item(KEY_RESULT, values)


def _check_in(one: Present, key_result: str, directory: Directory) -> Item:
    values = {
        "external_id": name_of(one),
        "key_result": key_result,
        "as_of": date.fromisoformat(one["as_of"]),
        "submitted_at": datetime.fromisoformat(one["submitted_at"]),
        "value": None if one["value"] is None else Decimal(one["value"]),
        "milestones_done": tuple(one["milestones_done"] or ()) or None,
        "confidence": None if one["confidence"] is None else Decimal(repr(one["confidence"])),
        "status": one["status"],
        "note": one["note"] or None,
        "blockers": one["blockers"] or None,
        "author": directory.called(PERSON, one["author_id"]),
    }
    return Item(CHECK_IN, values)
