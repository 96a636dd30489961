"""Check-ins that have rows of their own, kept in one cell beside the row of their goal."""

from collections.abc import Callable, Mapping
from typing import Any

from cairn.exchange.formats.goals import Scene
from cairn.exchange.formats.json_rows import value
from cairn.exchange.formats.keeping import kept_text

Said = Mapping[str, Any]


def history(
    row: Mapping[str, str],
    column: str,
    id: str,
    scene: Scene,
    key: Callable[[Said], Any],
    unread: Callable[[Said], bool] = lambda _: False,
) -> list[Said]:
    """The check-ins in the cell `column` of the row of a goal, with what the file they came from said beside them.

    `key` tells which are the same; `unread` ones of the file never became check-ins and stay what they were.
    """
    goal = scene.goals.get(id)
    before = value(kept_text(goal.attributes, column)) or () if goal else ()
    now = value(row.get(column, "")) or ()
    if now == before:
        return list(now)
    stood = {key(one): one for one in before}
    said = [
        {**stood.get(key(one), {}), **{name: it for name, it in one.items() if it not in ("", None)}} for one in now
    ]
    found = {key(one) for one in now}
    return said + [one for one in before if unread(one) and key(one) not in found]
