"""What an API token looks like: `cairn_<kind>_<lookup>_<secret>`, so that scanners and people recognise one."""

import hashlib
import re
import secrets
from dataclasses import dataclass

PERSONAL, SERVICE = "pat", "sat"
PREFIX = "cairn_"
_SHAPE = re.compile(r"cairn_(pat|sat)_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Parts:
    kind: str
    lookup: str
    digest: bytes


def fresh(kind: str) -> tuple[str, Parts]:
    """A new token to show once, and what is kept of it."""
    lookup, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    return f"{PREFIX}{kind}_{lookup}_{secret}", Parts(kind, lookup, _digest(secret))


def parts(token: str) -> Parts | None:
    """A token taken apart; None for what cannot be one."""
    found = _SHAPE.fullmatch(token)
    return None if found is None else Parts(found[1], found[2], _digest(found[3]))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
