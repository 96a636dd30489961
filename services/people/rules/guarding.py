"""The guard rail of imports: a file that lets too many people go, or the root, is more likely cut off than true."""

from collections import Counter
from collections.abc import Collection

from services.people.rules.tree import Above

MOST_LEAVING = 0.1
FEWEST_LEAVING = 3
"""One or two leavers are an ordinary day in an organisation of any size; below that the share says nothing, and the
one person who must not vanish unnoticed in a small organisation, the root, is guarded apart."""


def too_many(leaving: int, active: int) -> bool:
    """Whether so many of the active people leave at once that somebody should look first."""
    return leaving >= FEWEST_LEAVING and leaving > MOST_LEAVING * active


def root(above: Above) -> str | None:
    """Of those without anyone above them, the one with most people below; None without people below or in a tie.

    `above` holds the active people, each with their manager.
    """
    tops: dict[str, str] = {}
    for start in above:
        way: list[str] = []
        here = start
        while here not in tops:
            way.append(here)
            upper = above.get(here)
            # A manager who has left is no top: whoever stands below them is in nobody's tree but their own.
            if upper is None or upper not in above:
                tops[here] = here
            else:
                here = upper
        tops.update(dict.fromkeys(way, tops[here]))
    below = Counter(top for node, top in tops.items() if node != top and above[top] is None)
    first = below.most_common(2)
    if not first or (len(first) == 2 and first[0][1] == first[1][1]):
        return None
    return first[0][0]


def share(leaving: int, active: int) -> str:
    """The share in whole percent, never rounded to nothing or to all."""
    percent = round(100 * leaving / active) if active else 0
    return f"{min(max(percent, 1), 99 if leaving < active else 100)}%"


def named(names: Collection[str], most: int = 5) -> str:
    """The first names for a sentence, and how many more there are."""
    first = list(names)[:most]
    more = len(names) - len(first)
    return ", ".join(first) + (f" and {more:,} more" if more else "")
