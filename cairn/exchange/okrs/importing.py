"""One import of goals from a parsed file: look, judge, compare, and on request write."""

from collections import Counter
from collections.abc import Callable, Sequence

from cairn.exchange.client import Client
from cairn.exchange.directory import Directory
from cairn.exchange.layouts.native import Item
from cairn.exchange.layouts.wrong import Rejected
from cairn.exchange.okrs.judging import judge
from cairn.exchange.okrs.planning import CHANGED, CREATED, UNCHANGED, Plan, plan
from cairn.exchange.okrs.register import Register, Standing
from cairn.exchange.okrs.writing import Writer

WHAT = (CREATED, CHANGED, UNCHANGED)


def prepare(items: Sequence[Item], standing: Standing, directory: Directory, *, close: bool = False) -> Plan:
    """What importing these items would do. Raises Rejected; nothing is written in any case."""
    register = Register(standing)
    rejections = register.take(items)
    if rejections:
        raise Rejected(rejections)
    return plan(register, judge(register, directory), close=close)


def carry_out(client: Client, made: Plan, reason: str, advance: Callable[[int], None]) -> None:
    """Write the plan, and wait until check-ins can be made on what is new. Raises Interrupted, ApiFailure."""
    Writer(client, reason, advance).write(made)
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
