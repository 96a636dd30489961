"""Scopes: how far a token reaches. `*`, or `<service>:read` and `<service>:write`, where writing includes reading."""

from collections.abc import Iterable

from chassis.access import EVERY_SCOPE
from contracts.registry import OWNERS

SCOPES: tuple[str, ...] = (
    EVERY_SCOPE,
    *(f"{service}:{way}" for service in (*OWNERS, "gateway") for way in ("read", "write")),
)


def canonical(scopes: Iterable[str]) -> list[str]:
    """Each scope once, in a fixed order."""
    return sorted(set(scopes))


def covers(held: frozenset[str], wanted: str) -> bool:
    """Whether somebody with these scopes may hand on this one."""
    enough = {EVERY_SCOPE, wanted}
    if wanted.endswith(":read"):
        enough.add(wanted.removesuffix("read") + "write")
    return bool(enough & held)
