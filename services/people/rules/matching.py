"""Which rows of a file stand together or fall together: keys that come twice, rows that need another row, loops."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping

from services.people.rules.tree import Above, loops


def lines_by_key(keys: Iterable[tuple[int, str | None]]) -> dict[str, list[int]]:
    """The lines of every key that comes more than once; a key of None is none."""
    first: dict[str, int] = {}
    found: dict[str, list[int]] = {}
    for line, key in keys:
        if key is None:
            continue
        if key in first:
            found.setdefault(key, [first[key]]).append(line)
        else:
            first[key] = line
    return found


def fallen(rejected: Iterable[int], needs: Mapping[int, Collection[int]]) -> dict[int, int]:
    """The lines that cannot stand because one they need is rejected, or falls itself; each with that line."""
    down = set(rejected)
    if not down:
        return {}
    needed_by: dict[int, list[int]] = defaultdict(list)
    for line, others in needs.items():
        for other in others:
            needed_by[other].append(line)
    found: dict[int, int] = {}
    waiting = deque(down)
    while waiting:
        other = waiting.popleft()
        for line in needed_by[other]:
            if line not in down:
                down.add(line)
                found[line] = other
                waiting.append(line)
    return found


def closed_loops(now: Above, wanted: Above) -> list[tuple[str, ...]]:
    """The loops that stand when `wanted` is laid over the tree as it is now."""
    return loops({**now, **wanted})
