"""A file of another tool, brought in at one go: goals, then their check-ins, then what is closed.

All of it is judged before the first write. Bringing it in again changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cairn.exchange import check_ins as checking_in
from cairn.exchange.client import Client
from cairn.exchange.directory import Directory
from cairn.exchange.layouts.native import Item
from cairn.exchange.okrs import importing
from cairn.exchange.okrs.planning import Plan
from cairn.exchange.okrs.register import Standing
from cairn.exchange.records.journal import Journal

Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True)
class Scene:
    """What Cairn has before the import."""

    standing: Standing
    directory: Directory
    check_ins: Sequence[Mapping[str, Any]]

    @classmethod
    def read(cls, client: Client) -> "Scene":
        known = list(client.items("check-ins", withdrawn="true"))
        return cls(Standing.read(client), Directory.read(client), known)


@dataclass(frozen=True)
class Bringing:
    """What will be done with the items of one file."""

    okrs: Sequence[Item]
    check_ins: Sequence[Item]
    scene: Scene
    now: datetime

    def goals(self) -> Plan:
        """All that becomes of the goals, closing included. Raises Rejected."""
        return importing.prepare(self.okrs, self.scene.standing, self.scene.directory, close=True)

    def said(self) -> checking_in.Plan:
        """What becomes of the check-ins once the goals are there. Raises Rejected."""
        scene = self.scene
        standing = importing.foreseen(self.goals(), scene.standing)
        return checking_in.prepare(self.check_ins, standing, scene.directory, scene.check_ins, self.now)

    def carry_out(self, client: Client, journal: Journal, reason: str, progress: Progress) -> None:
        """Write everything. Raises Rejected before the first write, then Interrupted and ApiFailure."""
        scene, plan, said = self.scene, self.goals(), self.said()
        first = importing.prepare(self.okrs, scene.standing, scene.directory)
        with progress("Goals", importing.size(first)) as advance:
            importing.carry_out(client, journal, first, reason, advance)
        if said.entries:
            standing = Standing.read(client)
            said = checking_in.prepare(self.check_ins, standing, scene.directory, scene.check_ins, self.now)
            with progress("Check-ins", len(said.entries)) as advance:
                checking_in.carry_out(client, journal, said, advance)
        if plan.closing or plan.closing_cycles:
            last = importing.prepare(self.okrs, Standing.read(client), scene.directory, close=True)
            with progress("Closing", importing.size(last)) as advance:
                importing.carry_out(client, journal, last, reason, advance)
