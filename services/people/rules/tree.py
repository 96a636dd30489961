"""Trees of people and of teams, as maps from a node to the one above it: no node may be above itself."""

from collections.abc import Mapping

Above = Mapping[str, str | None]


def loop_through(above: Above, node: str, upper: str) -> tuple[str, ...]:
    """The loop that would close if `upper` stood above `node`: from node upward, back to node. Empty where none would.

    `above` need hold no more than what stands above `upper`.
    """
    path = [node]
    seen = {node}
    here: str | None = upper
    while here is not None and here not in seen:
        seen.add(here)
        path.append(here)
        here = above.get(here)
    return (*path, node) if here == node else ()


def loops(above: Above) -> list[tuple[str, ...]]:
    """Every loop there is, each once, as the nodes on it from some node upward. A node has one way up, so loops
    share no node, and one walk over all nodes finds them."""
    found = []
    walked: dict[str, str] = {}
    for start in above:
        path: list[str] = []
        here: str | None = start
        while here is not None and here not in walked:
            walked[here] = start
            path.append(here)
            here = above.get(here)
        if here is not None and walked[here] == start:
            found.append(tuple(path[path.index(here) :]))
    return found
