"""Viva Goals, export of an organisation's data: a ZIP of JSON with e-mails, ids and every check-in.

Goals and check-ins are read; people and teams of the file are the matter of people imports. What was never seen is not
assumed: a word for a type or a target nobody listed is asked about.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from cairn.exchange.formats import viva_check_ins, words
from cairn.exchange.formats.archives import zipped
from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.goals import PERCENT, Goal, Measure, Scene
from cairn.exchange.formats.json_rows import cells, dumped, fields, listed, word
from cairn.exchange.formats.measures import number
from cairn.exchange.formats.naming import bare
from cairn.exchange.formats.viva_explorer import KINDS, PREFIX
from cairn.exchange.formats.viva_export_reading import CHECK_INS, Reader, inside
from cairn.exchange.layouts.links import CONTRIBUTES, Parent
from cairn.exchange.layouts.values import write_quantity
from chassis.files import Book


class Export:
    """The layout; `Rows` makes a format of it."""

    name = "viva-goals-data"
    label = "Viva Goals (organisation data)"
    numbered = None

    def recognises(self, book: Book) -> bool:
        found = listed(book, "objectives")
        return bool(found) and {"ID", "Title"} <= set(found[0][1])

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        return Reader(book, asked, doubts).parsed()

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str]:
        first, last = scene.days(goal)
        parents = goal.parents or ()
        status = (goal.last or {}).get("status")
        return cells(
            {
                "ID": _id(goal.id),
                "Title": goal.title,
                "Type": "Kpi" if goal.key_result else "Big rock",
                "Owner": [_person(owner, scene) for owner in scene.owners(goal)],
                "Time Period": {"Name": goal.cycle},
                "Start Date": first,
                "End Date": last,
                "Alignment": [_aligned(parent, scene) for parent in parents],
                "Description": goal.description or "",
                "Progress": number(goal.value),
                "Status": "Closed" if goal.state == "closed" else words.spelt(status),
                "Outcome": _outcome(goal.measure),
                "Parent IDs": [_id(parent.id) for parent in parents],
                "Score": None if goal.grade is None else write_quantity(goal.grade),
                "Goal Type": KINDS.get(goal.kind or "", ""),
                "Last Check-in": str((goal.last or {}).get("as_of", "")),
                CHECK_INS: [_check_in(one, goal, scene) for one in viva_check_ins.newest(goal)] or None,
            }
        )

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        found = [fields(row) for row in rows]
        periods = {
            name: {
                "ID": period.get("ID"),
                "Time Period Name": name,
                "Start Date": str(scene.cycles[name]["starts_on"]),
                "End Date": str(scene.cycles[name]["ends_on"]),
            }
            for one in found
            if (name := word((period := inside(one, "Time Period")).get("Name"))) in scene.cycles
        }
        check_ins = [check_in for one in found for check_in in one.pop(CHECK_INS, None) or ()]
        documents = {"TimePeriods": [*periods.values()], "objectives": found, CHECK_INS: check_ins}
        return zipped({f"{name}.json": dumped(document) for name, document in documents.items()})


def _id(external_id: str) -> int | str:
    plain = bare(external_id, PREFIX)
    return int(plain) if plain.isascii() and plain.isdigit() and str(int(plain)) == plain else plain


def _person(owner: str | None, scene: Scene) -> dict[str, Any]:
    found = scene.person(owner)
    return {"Name": found.get("display_name") or found.get("name"), "Email": found.get("email")}


def _aligned(parent: Parent, scene: Scene) -> dict[str, Any]:
    above = scene.goals.get(parent.id)
    weight = parent.weight * 100 if parent.kind == CONTRIBUTES else Decimal(0)
    return {"ID": _id(parent.id), "Title": above.title if above else None, "Weight": weight}


def _outcome(measure: Measure | None) -> dict[str, Any]:
    if measure is None or measure == PERCENT:
        return {"Outcome Type": "Percentage"}
    names = {"stay_below": "Keep below", "stay_above": "Keep above"}
    return {
        "Outcome Type": "Percentage" if measure.unit == "percent" else "Metric",
        "Metric Unit": measure.currency,
        "Start": number(measure.start) or None,
        "Target": number(measure.target) or None,
        "Target Type": names.get(measure.metric, "Reach"),
    }


def _check_in(one: Mapping[str, Any], goal: Goal, scene: Scene) -> dict[str, Any]:
    return {
        "OKR ID": _id(goal.id),
        "CheckIn Date": str(one["as_of"]),
        "Check In Owner": _person(one.get("author"), scene),
        "Check In Note": {"Check In Note": one.get("note") or ""},
        "Status": words.spelt(one.get("status")),
        "Current Value": number(one["value"]),
        "Activity Date": viva_check_ins.stamp(one),
    }


VIVA_EXPORT = Rows(Export())
