"""Copies and how to refill them: a service republishes the present state of what it owns; a read model is rebuilt
from that while the old copy goes on being served."""

import time
from collections.abc import Callable, Sequence

from cairn import connect, topology
from chassis.consumer import seen
from chassis.service import Runtime
from chassis.settings import Settings
from chassis.unit import unit_of_work

CHUNK = 500


class Unfinished(Exception):
    """The copy did not become complete in time; the message says what is missing."""


def republish(settings: Settings, name: str) -> list[str]:
    """Publish the present state of everything a service owns; answers the event ids. The relay sends them."""
    part = connect.runtime(settings, name)
    try:
        if part.service.republish is None:
            return []
        with unit_of_work(part.db, clock=part.clock) as unit:
            part.service.republish(unit)
        return unit.published
    finally:
        part.db.dispose()


def rebuild_gateway(settings: Settings, timeout: float, say: Callable[[str], None]) -> int:
    """Rebuild the read model; the number of events it was rebuilt from. Raises Unfinished after `timeout` seconds.

    Rows nobody republished are removed only once everything republished has arrived.
    """
    from gateway.projection import rebuild

    gateway = connect.runtime(settings, "gateway")
    try:
        with gateway.db.writing() as session:
            rebuild.begin(session)
        ids = [event_id for name in topology.SERVICES for event_id in _told(settings, name, say)]
        _wait(gateway, ids, timeout)
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
