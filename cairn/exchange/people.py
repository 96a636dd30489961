"""Import of people and teams: the server carries out whole files; here they are put in an order that works.

Teams name their leads and people their teams: first the teams without leads, then the people, then the teams again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cairn.exchange import uploads
from cairn.exchange.client import Client, Unreachable
from cairn.exchange.uploads import Ended

LEADS = "lead_external_id"
See = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One file on its way: what it is told as, and the server's end of it."""

    what: str
    of: str
    ended: Ended


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be imported: files by content, options as the API names them, and how many rows of a kind to read."""

    people: bytes
    options: Mapping[str, Any]
    teams: bytes | None = None
    most: int = 20

    @property
    def dry_run(self) -> bool:
        return bool(self.options.get("dry_run"))


def import_people(client: Client, order: Order, seen: See = lambda _what, _upload: None) -> list[Step]:
    """Carry the files out one after another, up to the first that is refused.

    A dry run judges each file against Cairn as it is now: people in teams that the other file would make are rejected.
    """
    steps: list[Step] = []
    for what, of, content, options in _plan(order):
        sent = uploads.send(client, content, {**options, "of": of})
        ended = uploads.ended(client, sent, order.most, lambda upload, what=what: seen(what, upload))  # type: ignore[misc]
        steps.append(Step(what, of, ended))
        if not ended.good and not order.dry_run:
            break
    return steps


def settled(client: Client) -> bool:
    """Wait until the other parts know the people; False where they need longer than our patience."""
    try:
        client.settle()
    except Unreachable:
        return False
    return True


def _plan(order: Order) -> list[tuple[str, str, bytes, Mapping[str, Any]]]:
    people = ("people", "people", order.people, order.options)
    if order.teams is None:
        return [people]
    plain = {name: order.options.get(name) for name in ("dry_run", "partial")}
    with_leads = LEADS in order.teams.split(b"\n", 1)[0].decode(errors="replace")
    first = ("teams", "teams", order.teams, {**plain, **({"ignore": LEADS} if with_leads else {})})
    again = [("leads of teams", "teams", order.teams, plain)] if with_leads and not order.dry_run else []
    return [first, people, *again]
