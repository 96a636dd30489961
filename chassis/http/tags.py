"""Entity tags: `"<edition>.<version>"`. The edition counts human edits, the version every change.

A check-in that lands moves the version of an objective and leaves its edition, so it does not make the edit somebody
is typing stale; a copy kept by a client is out of date all the same. Hence If-Match compares editions, If-None-Match
whole tags.
"""

import re
from dataclasses import dataclass
from typing import Any

from chassis.problems import Malformed, PreconditionMissing, Stale

_ONE = r'(?:W/)?"[\x21\x23-\x7e]*"'
_LIST = re.compile(rf"\s*{_ONE}(?:\s*,\s*{_ONE})*\s*")
_EACH = re.compile(r'(W/)?("[\x21\x23-\x7e]*")')
_STRONG = r'"[\x21\x23-\x7e]*"'
PATTERN = rf"^(\*|{_STRONG}(, ?{_STRONG})*)$"
LONGEST = 2000


def tag_of(thing: Any) -> str:
    """The strong ETag of something with a `version` and perhaps an `edition`, quotes included."""
    edition = getattr(thing, "edition", None)
    return f'"{thing.version}"' if edition is None else f'"{edition}.{thing.version}"'


def parse(name: str, header: str) -> list[tuple[bool, str]]:
    """The tags of a header as (weak, quoted tag). Raises Malformed."""
    if len(header) > LONGEST or not _LIST.fullmatch(header):
        raise Malformed(f'{name} is not a list of entity tags; send the ETag you were given, such as "3.17", or *.')
    return [(bool(weak), tag) for weak, tag in _EACH.findall(header)]


@dataclass(frozen=True, slots=True)
class Expected:
    """The caller's idea of a thing's version. `tags` None means any will do."""

    tags: frozenset[str] | None = None

    @classmethod
    def of(cls, version: int) -> "Expected":
        """Of something without editions whose version was named in a body."""
        return cls(frozenset({f'"{version}"'}))

    def require(self, thing: Any) -> None:
        """Pass when the thing has not been edited since the caller read it; otherwise raise Stale (412)."""
        if self.tags is None:
            return
        now = tag_of(thing)
        if _edition(now) not in {_edition(tag) for tag in self.tags}:
            raise Stale(f"Somebody changed this in the meantime; its ETag is {now} now. Read it again, then change it.")


ANYTHING = Expected()


def _edition(tag: str) -> tuple[str, bool]:
    edition, dot, _ = tag.strip('"').partition(".")
    return edition, bool(dot)


def expectation(header: str | None, required: bool) -> Expected:
    """Read If-Match. Weak tags never match, by RFC 9110; missing where required is 428."""
    if header is None:
        if required:
            raise PreconditionMissing("Say which version you are changing: send If-Match with the ETag you read.")
        return ANYTHING
    if header.strip() == "*":
        return ANYTHING
    return Expected(frozenset(tag for weak, tag in parse("If-Match", header) if not weak))


def unchanged(header: str | None, tag: str) -> bool:
    """Whether If-None-Match names this very state, so that 304 is the answer."""
    if header is None:
        return False
    return header.strip() == "*" or any(known == tag for _, known in parse("If-None-Match", header))
