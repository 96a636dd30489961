"""Which headers cross the gateway. Both lists name what passes; whatever else comes, from outside or inside, stays.

So neither a forged `X-Cairn-Actor` or `X-Forwarded-For`, nor a cookie or the caller's own token, reaches a service,
and nothing a service says about its connection reaches the caller.
"""

from collections.abc import Iterable

from werkzeug.datastructures import Headers

from chassis.problems import Malformed

INWARD = (
    "Accept",
    "Accept-Language",
    "Cairn-Consistency",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
)
OUTWARD = frozenset(
    {
        "allow",
        "cache-control",
        "cairn-consistency",
        "content-disposition",
        "content-language",
        "content-type",
        "deprecation",
        "etag",
        "idempotent-replayed",
        "last-modified",
        "link",
        "location",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "sunset",
        "vary",
    }
)


def inward(given: Headers, token: str, traceparent: str) -> dict[str, str]:
    """The headers of the forwarded request. Raises Malformed for values that are no header text."""
    passed = {name: given[name] for name in INWARD if name in given}
    for name, value in passed.items():
        if not value.isascii() or not value.isprintable():
            raise Malformed(f"The header {name} holds characters that do not belong there; use printable ASCII.")
    # Answers are compressed at the edge, if at all.
    return {**passed, "Authorization": f"Bearer {token}", "traceparent": traceparent, "Accept-Encoding": "identity"}


def outward(given: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers of the answer."""
    return [(name, value) for name, value in given if name.lower() in OUTWARD]
