"""What each field of a person or team may hold, the same for the API and for files.

Texts are kept as written; only what a database, a mail or a time calculation would choke on is refused.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache, partial
from typing import Any
from zoneinfo import available_timezones

from services.people.rules.wrong import Wrong

ROLES = ("employee", "hr", "admin", "auditor")
LONGEST_NAME = 300
LONGEST_EMAIL = 320
LONGEST_EXTERNAL_ID = 200
LONGEST_DESCRIPTION = 2000
LONGEST_LOCALE = 35
MOST_TEAMS = 100

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_HOST = r"[A-Za-z0-9\u0080-\uffff-]{1,63}"
_EMAIL = re.compile(rf"[^@\s<>,;\"()\[\]\\]{{1,64}}@{_HOST}(?:\.{_HOST})*")
_LOCALE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def folded(text: str) -> str:
    """Text as it is compared when case does not matter; two spellings of one e-mail address fold to the same."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def searchable(*texts: str | None) -> str:
    """Texts joined as they are searched: without case and without accents."""
    plain = folded(" ".join(text for text in texts if text))
    if plain.isascii():
        return plain
    plain = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def canonical_roles(roles: Iterable[str]) -> list[str]:
    """Roles in their usual order, each once; everyone is an employee."""
    held = {"employee", *roles}
    return [role for role in ROLES if role in held]


@cache
def time_zones() -> frozenset[str]:
    """The IANA names this machine knows. Walks the time zone files, once."""
    return frozenset(available_timezones() - {"localtime", "Factory"})


def text_wrong(value: str, longest: int, *, lines: bool = False) -> Wrong | None:
    """What keeps a text from being stored; None where it may."""
    if not value.strip():
        return Wrong("This is blank.", "Write something here.")
    if len(value) > longest:
        return Wrong(f"This has {len(value)} characters.", f"Shorten it to {longest}.")
    if (_CONTROL_IN_LINES if lines else _CONTROL).search(value):
        return Wrong("This holds a control character or a line break.", "Remove it.")
    return None


def email_wrong(value: str) -> Wrong | None:
    if len(value) > LONGEST_EMAIL or not _EMAIL.fullmatch(value) or _CONTROL.search(value):
        return Wrong("This is not an e-mail address.", "Write one such as ana@example.org.")
    return None


def time_zone_wrong(value: str) -> Wrong | None:
    if value in time_zones():
        return None
    alike = next((name for name in time_zones() if name.lower() == value.strip().lower()), "Europe/Lisbon")
    return Wrong("This is no IANA time zone.", f"Write its full name, such as {alike}.")


def locale_wrong(value: str) -> Wrong | None:
    if len(value) <= LONGEST_LOCALE and _LOCALE.fullmatch(value):
        return None
    alike = value.split(".")[0].replace("_", "-")
    alike = alike if _LOCALE.fullmatch(alike) and len(alike) <= LONGEST_LOCALE else "pt-PT"
    return Wrong("This is no language tag.", f"Write one such as {alike}.")


def roles_wrong(roles: Iterable[str]) -> Wrong | None:
    unknown = [role for role in roles if role not in ROLES]
    return Wrong(f"There is no role {shortened_list(unknown)}.", f"Use {', '.join(ROLES)}.") if unknown else None


def shortened_list(names: list[str]) -> str:
    """A few names for a sentence."""
    return ", ".join(name[:40] for name in names[:3]) + (" …" if len(names) > 3 else "")


def dates_wrong(start: date | None, end: date | None) -> Wrong | None:
    """A last day before the first one; either may be unknown."""
    if start is None or end is None or start <= end:
        return None
    return Wrong(f"The end date {end} lies before the start date {start}.", "Mend one of the two.")


_name = partial(text_wrong, longest=LONGEST_NAME)
Check = Callable[[Any], Wrong | None]
PERSON_CHECKS: Mapping[str, Check] = {
    "external_id": partial(text_wrong, longest=LONGEST_EXTERNAL_ID),
    "email": email_wrong,
    "display_name": _name,
    "given_name": _name,
    "family_name": _name,
    "title": _name,
    "time_zone": time_zone_wrong,
    "locale": locale_wrong,
    "roles": roles_wrong,
}
TEAM_CHECKS: Mapping[str, Check] = {
    "external_id": partial(text_wrong, longest=LONGEST_EXTERNAL_ID),
    "name": _name,
    "description": partial(text_wrong, longest=LONGEST_DESCRIPTION, lines=True),
}
REQUIRED = frozenset({"email", "display_name", "time_zone", "locale", "roles", "name", "active", "archived"})
"""Fields that always hold something; all others may be null."""


def wrongs(values: Mapping[str, Any], checks: Mapping[str, Check]) -> dict[str, Wrong]:
    """What is wrong, by field; fields without a check pass."""
    found = {name: _wrong(name, value, checks.get(name)) for name, value in values.items()}
    return {name: wrong for name, wrong in found.items() if wrong is not None}


def _wrong(name: str, value: Any, check: Check | None) -> Wrong | None:
    if value is None:
        return Wrong("This cannot be empty.", "Write something here.") if name in REQUIRED else None
    return check(value) if check else None
