"""Import of people and teams: the server judges and applies whole files; here they are put in an order that works."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cairn.exchange.client import ApiRefused, Client

LEADS = "lead_external_id"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The server's report on one file."""

    what: str
    report: Mapping[str, Any]

    @property
    def refused(self) -> bool:
        return not self.report["applied"] and (bool(self.report["rejected_rows"]) or not self.report["rows"])

    def lines(self) -> list[str]:
        """The report for people to read."""
        said = self.report
        counted = ("created", "changed", "unchanged", "deactivated", "reactivated")
        counts = ", ".join(f"{said[name]} {name}" for name in counted if said[name] or name != "reactivated")
        would = "would be " if said["dry_run"] else ""
        refused = f"; {said['rejected_rows']} rows rejected" if said["rejected_rows"] else ""
        changes = [_change(one) for one in said["changes"][:20]] if said["dry_run"] else []
        return [f"{self.what}: {said['rows']} rows: {would}{counts}{refused}", *changes, *map(_row, said["rejected"])]


def _change(one: Mapping[str, Any]) -> str:
    fields = ", ".join(f"{f['field']}: {f['before'] or '-'} → {f['after'] or '-'}" for f in one["fields"][:6])
    changed = f"  ({fields})" if one["what"] == "changed" else ""
    return f"  line {one['row']}: {one['what']} {one['name']}{changed}"


def _row(one: Mapping[str, Any]) -> str:
    column = f", {one['column']}" if one["column"] else ""
    value = f" “{one['value']}”" if one["value"] else ""
    return f"  line {one['row']}{column}{value}: {one['reason']} {one['remedy']}"


def import_people(
    client: Client, people: bytes, teams: bytes | None = None, *, dry_run: bool = False, partial: bool = False
) -> list[Outcome]:
    """Apply a file of people and one of teams, the teams first but for their leads, who must be there before.

    Stops at the first file that is refused. A dry run judges each file against Cairn as it is now.
    """
    options = {"dry_run": _word(dry_run), "partial": _word(partial)}
    steps: list[tuple[str, bytes, dict[str, str]]] = []
    with_leads = teams is not None and LEADS in teams.split(b"\n", 1)[0].decode(errors="replace")
    if teams is not None:
        steps.append(("teams", teams, {**options, **({"ignore": LEADS} if with_leads else {})}))
    steps.append(("people", people, options))
    if teams is not None and with_leads and not dry_run:
        steps.append(("teams", teams, options))
    outcomes: list[Outcome] = []
    for what, content, params in steps:
        outcomes.append(_sent(client, what, content, params))
        if outcomes[-1].refused:
            return outcomes
    if not dry_run:
        client.settle()
    return _told(outcomes)


def _told(outcomes: list[Outcome]) -> list[Outcome]:
    """The second pass over the teams only sets their leads; it is told as such."""
    if len(outcomes) < 3:
        return outcomes
    return [*outcomes[:2], Outcome("leads of teams", outcomes[2].report)]


def _sent(client: Client, what: str, content: bytes, params: dict[str, str]) -> Outcome:
    try:
        return Outcome(what, client.send_file(f"imports/{what}", content, **params))
    except ApiRefused as refused:
        if "report" not in refused.problem:
            raise
        return Outcome(what, refused.problem["report"])


def _word(flag: bool) -> str:
    return "true" if flag else "false"
