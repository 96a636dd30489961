"""Native files as JSON: an object with one list for each kind of item, numbers as JSON numbers or as their digits."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NoReturn

from cairn.exchange.layouts.native import Item, Layout, Shape
from cairn.exchange.layouts.wrong import Rejected, Rejection, Wrong, refusal, shortened


def read(content: str, layout: Layout) -> list[Item]:
    """The items of a file, their places JSON pointers. Raises Rejected with everything that is wrong in it."""
    document = _parsed(content)
    names = ", ".join(shape.plural for shape in layout.shapes)
    if not isinstance(document, dict):
        raise refusal("the file", "This is no JSON object.", f"Send one with the lists {names}.")
    shapes = {shape.plural: shape for shape in layout.shapes}
    unknown = [name for name in document if name not in shapes]
    if unknown:
        raise refusal(f"/{shortened(unknown[0])}", "There is no such list.", f"The lists are {names}.")
    items: list[Item] = []
    rejections: list[Rejection] = []
    for name, shape in shapes.items():
        for place, given in _listed(name, document.get(name, [])):
            found = _item(place, given, shape)
            items += [found] if isinstance(found, Item) else []
            rejections += found if isinstance(found, list) else []
    if rejections:
        raise Rejected(rejections)
    if not items:
        raise refusal("the file", "It holds no items.", f"Fill one of the lists {names}.")
    return items


def _parsed(content: str) -> Any:
    try:
        return json.loads(
            content, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number, object_pairs_hook=_object
        )
    except json.JSONDecodeError as fault:
        remedy = "Mend it there; if the file is cut off, export it again."
        raise refusal(f"line {fault.lineno}", f"Column {fault.colno}: {fault.msg}.", remedy) from fault
    except RecursionError as fault:
        raise refusal("the file", "It is nested too deeply.", "See docs/import.md for the layout.") from fault


def _no_number(word: str) -> NoReturn:
    raise refusal("the file", f"{word} is no number.", "Write a finite number, or null.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise refusal("the file", f"An object has the name “{shortened(twice)}” twice.", "Keep one of the two.")
    return found


def _listed(name: str, given: Any) -> Iterable[tuple[str, Any]]:
    if not isinstance(given, list):
        raise refusal(f"/{name}", "This is no list.", "Write a list of objects.")
    return ((f"/{name}/{number}", one) for number, one in enumerate(given))


def _item(place: str, given: Any, shape: Shape) -> Item | list[Rejection]:
    if not isinstance(given, dict):
        return [Rejection(place, None, Wrong("This is no object.", "Write an object with the columns as names."))]
    known = shape.by_name
    values: dict[str, Any] = {}
    rejections = []
    for name, value in given.items():
        found = _value(value, name, shape) if name in known else _unknown(name, shape)
        if isinstance(found, Wrong):
            rejections.append(Rejection(place, shortened(name), found))
        else:
            values[name] = found
    rejections += [
        Rejection(place, column.name, _needed(shape))
        for column in shape.columns
        if column.required and column.name == "external_id" and column.name not in given
    ]
    return rejections or Item(shape.item, values, place)


def _unknown(name: str, shape: Shape) -> Wrong:
    names = ", ".join(column.name for column in shape.columns)
    return Wrong(f"A {shape.item.replace('_', ' ')} has no field “{shortened(name)}”.", f"It has {names}.")


def _needed(shape: Shape) -> Wrong:
    return Wrong("This is missing.", f"Every {shape.item.replace('_', ' ')} needs it; fill it.")


def _value(given: Any, name: str, shape: Shape) -> Any:
    column = shape.by_name[name]
    if given is None or (isinstance(given, str) and not given.strip() and column.required) or given == "":
        return _needed(shape) if column.required else column.empty
    return column.kind.from_json(given)


def write(items: Iterable[Item], layout: Layout) -> str:
    """The file that reads as exactly these items, kind by kind, where each has a value for every column."""
    chosen = list(items)
    document = {
        shape.plural: [_fields(item, shape) for item in chosen if item.kind == shape.item] for shape in layout.shapes
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _fields(item: Item, shape: Shape) -> dict[str, Any]:
    return {
        column.name: None if item[column.name] is None else column.kind.to_json(item[column.name])
        for column in shape.columns
    }
