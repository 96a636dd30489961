"""Values with an inside: the parents of an objective and the milestones of a key result, in cells and in JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cairn.exchange.layouts.joining import escaped, pieces, tail, unescaped
from cairn.exchange.layouts.values import LONGEST_ID, QUANTITY, Kind, write_quantity
from cairn.exchange.layouts.wrong import Wrong, shortened
from chassis.files.writing import guarded, unguarded

ONE = Decimal(1)
CONTRIBUTES, SUPPORTS = "contributes", "supports"
OBJECTIVE, KEY_RESULT = "objective", "key_result"
_PARENT_REMEDY = "Write its external id, such as o-1, supports:o-1 or o-1@0.5, several separated by |."
_STAGE_REMEDY = "Write id:title, or id:title@weight, several separated by ;, and a backslash before : ; @ | in a text."


@dataclass(frozen=True, slots=True)
class Parent:
    """What an objective is aligned to. `of` is objective or key_result; None where the id says enough."""

    id: str
    of: str | None = None
    kind: str = CONTRIBUTES
    weight: Decimal = ONE


@dataclass(frozen=True, slots=True)
class Stage:
    """A milestone."""

    id: str
    title: str
    weight: Decimal = ONE


def _weight(given: str | None) -> Decimal | Wrong:
    if given is None:
        return ONE
    found = QUANTITY.from_cell(given)
    if isinstance(found, Wrong) or found < 0:
        return Wrong(f"“{shortened(given)}” is no weight.", "Write a number from 0, such as @0.5.")
    return Decimal(found)


def _read_parents(cell: str) -> tuple[Parent, ...] | Wrong:
    found = [_parent(piece) for piece in pieces(unguarded(cell), "|") if piece.strip()]
    return _whole(found)


def _whole(found: list[Any]) -> tuple[Any, ...] | Wrong:
    """All of them, or the first that is wrong."""
    return next((one for one in found if isinstance(one, Wrong)), tuple(found))


def _parent(piece: str) -> Parent | Wrong:
    body, weighed = tail(piece, "@")
    weight = _weight(weighed)
    if isinstance(weight, Wrong):
        return Wrong(weight.reason, weight.remedy + " An @ that belongs to the id is written \\@.")
    parts = pieces(body, ":")
    words = [part.strip() for part in parts[:-1]]
    known = {SUPPORTS, CONTRIBUTES, OBJECTIVE, KEY_RESULT}
    name = unescaped(parts[-1])
    if not name or len(name) > LONGEST_ID or not set(words) <= known or len(words) > 2:
        return Wrong(f"“{shortened(piece)}” names no parent.", _PARENT_REMEDY + " A : of the id is written \\:.")
    of = next((word for word in words if word in (OBJECTIVE, KEY_RESULT)), None)
    return Parent(name, of, SUPPORTS if SUPPORTS in words else CONTRIBUTES, weight)


def _write_parents(parents: tuple[Parent, ...]) -> str:
    return guarded("|".join(_parent_text(parent) for parent in parents))


def _parent_text(parent: Parent) -> str:
    kind = "supports:" if parent.kind == SUPPORTS else ""
    of = f"{parent.of}:" if parent.of else ""
    weight = "" if parent.weight == ONE else f"@{write_quantity(parent.weight)}"
    return kind + of + escaped(parent.id) + weight


def _json_parents(given: Any) -> tuple[Parent, ...] | Wrong:
    if not isinstance(given, list):
        return Wrong("This is no list of parents.", 'Write one such as [{"id": "o-1"}].')
    return _whole([_json_parent(one) for one in given])


def _json_parent(given: Any) -> Parent | Wrong:
    fields = ("id", "of", "kind", "weight")
    wrong = _fields_wrong(given, fields) or _words_wrong(given)
    if wrong:
        return wrong
    weight = _json_weight(given)
    if isinstance(weight, Wrong):
        return weight
    return Parent(given["id"].strip(), given.get("of"), given.get("kind", CONTRIBUTES), weight)


def _words_wrong(given: Mapping[str, Any]) -> Wrong | None:
    if given.get("of") not in (None, OBJECTIVE, KEY_RESULT):
        return Wrong("“of” says what the parent is.", "Use objective or key_result, or leave it out.")
    if given.get("kind", CONTRIBUTES) not in (CONTRIBUTES, SUPPORTS):
        return Wrong("“kind” says how the parent is meant.", "Use contributes or supports.")
    return None


def _fields_wrong(given: Any, fields: tuple[str, ...]) -> Wrong | None:
    expected = f"Write an object with {', '.join(fields)}; id is needed."
    if not isinstance(given, dict) or not isinstance(given.get("id"), str) or not given["id"].strip():
        return Wrong("This is no object with an id.", expected)
    unknown = [name for name in given if name not in fields]
    return Wrong(f"There is no field “{shortened(unknown[0])}” here.", expected) if unknown else None


def _json_weight(given: Mapping[str, Any]) -> Decimal | Wrong:
    found = QUANTITY.from_json(given["weight"]) if "weight" in given else ONE
    if isinstance(found, Wrong) or found < 0:
        return Wrong("The weight is no number from 0.", "Write one such as 0.5, or leave it out.")
    return Decimal(found)


def _read_stages(cell: str) -> tuple[Stage, ...] | Wrong:
    return _whole([_stage(piece) for piece in pieces(unguarded(cell), ";") if piece.strip()])


def _stage(piece: str) -> Stage | Wrong:
    body, weighed = tail(piece, "@")
    weight = _weight(weighed)
    if isinstance(weight, Wrong):
        return Wrong(weight.reason, _STAGE_REMEDY)
    parts = pieces(body, ":")
    if len(parts) != 2:
        return Wrong(f"“{shortened(piece)}” is no milestone.", _STAGE_REMEDY)
    name, title = unescaped(parts[0]), unescaped(parts[1])
    return _checked_stage(Stage(name, title, weight))


def _checked_stage(stage: Stage) -> Stage | Wrong:
    if not 1 <= len(stage.id) <= 64 or not 1 <= len(stage.title) <= 500:
        return Wrong(f"The milestone “{shortened(stage.id)}” has no fit id or title.", _STAGE_REMEDY)
    return stage


def _write_stages(stages: tuple[Stage, ...]) -> str:
    return guarded(";".join(_stage_text(stage) for stage in stages))


def _stage_text(stage: Stage) -> str:
    weight = "" if stage.weight == ONE else f"@{write_quantity(stage.weight)}"
    return f"{escaped(stage.id)}:{escaped(stage.title)}{weight}"


def _json_stages(given: Any) -> tuple[Stage, ...] | Wrong:
    if not isinstance(given, list):
        return Wrong("This is no list of milestones.", 'Write one such as [{"id": "m1", "title": "Drafted"}].')
    return _whole([_json_stage(one) for one in given])


def _json_stage(given: Any) -> Stage | Wrong:
    wrong = _fields_wrong(given, ("id", "title", "weight"))
    if wrong:
        return wrong
    weight = _json_weight(given)
    if isinstance(weight, Wrong):
        return weight
    if not isinstance(given.get("title"), str):
        return Wrong("The milestone has no title.", 'Write one such as {"id": "m1", "title": "Drafted"}.')
    return _checked_stage(Stage(given["id"].strip(), given["title"], weight))


def _parents_as_json(parents: tuple[Parent, ...]) -> list[dict[str, str]]:
    return [
        {"id": one.id, **({"of": one.of} if one.of else {}), "kind": one.kind, "weight": write_quantity(one.weight)}
        for one in parents
    ]


def _stages_as_json(stages: tuple[Stage, ...]) -> list[dict[str, str]]:
    return [{"id": one.id, "title": one.title, "weight": write_quantity(one.weight)} for one in stages]


PARENTS = Kind(_read_parents, _write_parents, _json_parents, _parents_as_json)
STAGES = Kind(_read_stages, _write_stages, _json_stages, _stages_as_json)
