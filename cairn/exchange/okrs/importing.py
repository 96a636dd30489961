"""One import of goals from a parsed file: look, judge, compare, and on request write."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from cairn.exchange.client import Client
from cairn.exchange.directory import Directory
from cairn.exchange.layouts.native import Item
from cairn.exchange.layouts.wrong import Rejected
from cairn.exchange.okrs.judging import judge
from cairn.exchange.okrs.planning import CHANGED, CREATED, UNCHANGED, Plan, plan
from cairn.exchange.okrs.register import Node, Present, Register, Standing
from cairn.exchange.okrs.writing import Writer
from cairn.exchange.records.journal import Journal

WHAT = (CREATED, CHANGED, UNCHANGED)


def prepare(items: Sequence[Item], standing: Standing, directory: Directory, *, close: bool = False) -> Plan:
    """What importing these items would do. Raises Rejected; nothing is written in any case."""
    register = Register(standing)
    rejections = register.take(items)
    if rejections:
        raise Rejected(rejections)
    return plan(register, judge(register, directory), close=close)


def foreseen(made: Plan, standing: Standing) -> Standing:
    """The key results that will be there once the plan is written, as far as check-ins ask about them."""
    planned = [_foreseen(step.node) for _, below in made.objectives for step in below]
    ids = {one["id"] for one in planned}
    rest = [one for above in standing.objectives for one in above["key_results"] if one["id"] not in ids]
    return Standing(standing.cycles, [{"key_results": [*rest, *planned]}])


def _foreseen(node: Node) -> Present:
    above = node.above
    before = (above.present or {}).get("state") if above else None
    stages = node.says("milestones") or ()
    return {
        "id": node.id or f"new {node.name}",
        "external_id": node.name,
        "metric": node.says("metric"),
        "milestones": [{"id": one["id"] if isinstance(one, Mapping) else one.id} for one in stages],
        "open": above is not None and before != "closed" and above.says("state") != "draft",
    }


def carry_out(client: Client, journal: Journal, made: Plan, reason: str, advance: Callable[[int], None]) -> None:
    """Write the plan, and wait until check-ins can be made on what is new. Raises Interrupted, ApiFailure."""
    Writer(client, journal, reason, advance).write(made)
    client.settle("check-ins?limit=1")


def summary(made: Plan) -> list[str]:
    """The plan in a few lines: counts by kind, what is closed, what is left open."""
    counts = Counter((step.node.kind, step.what) for step in made.steps())
    kinds = dict.fromkeys(kind for kind, _ in counts)
    lines = [
        f"{kind.replace('_', ' ')}s: " + ", ".join(f"{counts[kind, what]} {what}" for what in WHAT) for kind in kinds
    ]
    if made.publishing:
        lines.append(f"put in force: {len(made.publishing)}")
    if made.closing or made.closing_cycles:
        lines.append(f"closed: {len(made.closing)} objectives, {len(made.closing_cycles)} cycles")
    if made.left_open:
        lines.append(f"still open: {made.left_open} that the file calls closed; import their check-ins, then --close")
    return lines


def size(made: Plan) -> int:
    """How many times `advance` counts an item."""
    return len(made.steps()) + len(made.closing) + len(made.closing_cycles)
