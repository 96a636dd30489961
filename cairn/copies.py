"""Copies and how to refill them: a service republishes the present state of what it owns; a read model is rebuilt
from that while the old copy goes on being served."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import timedelta

from sqlalchemy import select

from cairn import connect, topology
from cairn.readiness import require_ready
from cairn.settling import unreceived
from chassis import reconcile
from chassis.consumer import seen
from chassis.service import Runtime
from chassis.settings import Settings
from chassis.tables import DEAD_LETTERS
from chassis.unit import unit_of_work

CHUNK = 500
NOT_RECEIVED = timedelta(minutes=1)
"""What was published this long ago and has not arrived is sent again; for a reader that is only late it is a repeat."""


class Unfinished(Exception):
    """The copy did not become complete in time; the message says what is missing."""


def republish(settings: Settings, name: str) -> list[str]:
    """Publish the present state of everything a service owns; answers the event ids. The relay sends them.

    Raises NotReady where its database is not there or not migrated.
    """
    part = connect.runtime(settings, name)
    try:
        require_ready(part)
        if part.service.republish is None:
            return []
        with unit_of_work(part.db, clock=part.clock) as unit:
            part.service.republish(unit)
        return unit.published
    finally:
        part.db.dispose()


def lost(settings: Settings, names: Sequence[str], say: Callable[[str], None]) -> dict[str, list[str]]:
    """Ids of the published events of each part that the bus has no more, or that a reader was never given.

    Raises BusError where the bus cannot be read, NotReady where a database is not there or not migrated.
    """
    from contracts.registry import TOPICS

    with connect.opened(settings) as parts, closing(connect.bus(settings, "reconcile")) as bus:
        for part in parts.values():
            require_ready(part)
        bus.ensure_topics(TOPICS, settings.partitions)
        found = {}
        for name in names:
            gone, skipped = reconcile.absent(parts[name], bus), unreceived(parts[name], parts, NOT_RECEIVED)
            say(f"{name}: {len(gone)} published events are not on the bus, {len(skipped)} did not reach every reader")
            found[name] = list(dict.fromkeys([*gone, *skipped]))
        return found


def send_again(settings: Settings, lost: Mapping[str, Sequence[str]]) -> None:
    """Let the workers of these parts publish these events once more."""
    for name, ids in lost.items():
        part = connect.runtime(settings, name)
        try:
            reconcile.send_again(part, ids)
        finally:
            part.db.dispose()


def rebuild_gateway(settings: Settings, timeout: float, say: Callable[[str], None]) -> int:
    """Rebuild the read model; the number of events it was rebuilt from.

    Rows nobody republished are removed only once everything republished has been applied. Raises Unfinished where
    that has not happened after `timeout` seconds, NotReady where a database is not there or not migrated.
    """
    from gateway.projection import rebuild

    gateway = connect.runtime(settings, "gateway")
    try:
        require_ready(gateway)
        with gateway.db.writing() as session:
            rebuild.begin(session)
        ids = [event_id for name in topology.SERVICES for event_id in _told(settings, name, say)]
        _wait(gateway, ids, timeout)
        _require_applied(gateway, ids)
        with gateway.db.writing() as session:
            rebuild.finish(session)
        return len(ids)
    finally:
        gateway.db.dispose()


def _told(settings: Settings, name: str, say: Callable[[str], None]) -> list[str]:
    ids = republish(settings, name)
    say(f"{name}: {len(ids)} events")
    return ids


def _wait(gateway: Runtime, ids: Sequence[str], timeout: float) -> None:
    deadline = time.monotonic() + timeout
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        while missing := len(chunk) - _arrived(gateway, chunk):
            if time.monotonic() > deadline:
                raise Unfinished(
                    f"{missing} or more of {len(ids)} events have not arrived after {timeout:.0f} s; are the workers "
                    "running? Start `cairn rebuild gateway` again: nothing was removed."
                )
            time.sleep(0.05)


def _arrived(gateway: Runtime, ids: Sequence[str]) -> int:
    with gateway.db.reading() as session:
        return len(seen(session, ids))


def _require_applied(gateway: Runtime, ids: Sequence[str]) -> None:
    """What was parked has arrived too, but its rows are not confirmed: removing them would lose them."""
    with gateway.db.reading() as session:
        parked = {headers.get("ce_id") for headers in session.scalars(select(DEAD_LETTERS.c.headers))}
    if held := len(parked & set(ids)):
        raise Unfinished(
            f"{held} of {len(ids)} events could not be applied and are parked; `cairn parked list gateway` says why. "
            "Mend that and start `cairn rebuild gateway` again: nothing was removed."
        )
