"""Filling an empty Cairn with the sample organisation, through the public API like anybody else, and saying how to
look at it. A marker file remembers that it is done; a start that was interrupted goes on where it stopped, because
everything is sent under external ids."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cairn import connect
from cairn.sample.organisation import Organisation, organisation
from gateway.signin import tokens

if TYPE_CHECKING:
    from cairn.embedded import Embedded

Say = Callable[[str], None]
DAYS = 90
LOOK_AT = {"employee": "dashboard", "manager": "activity?limit=5", "hr": "organisation/overview"}


def prepare(cairn: "Embedded", address: str, say: Say) -> None:
    """Fill the sample if it is not there yet, then print where to look."""
    folder = connect.data_folder(cairn.settings)
    kept = folder / "sample.json"
    made = organisation()
    if not kept.exists():
        from cairn.sample.filling import fill

        say(f"Filling in the sample: {len(made.people)} people of Larkspur Instruments, who do not exist …")
        fill(cairn, address, made, datetime.now(UTC))
        connect.keep_secret(kept, json.dumps(_tokens(cairn, made)))
    say(_welcome(address, made, json.loads(kept.read_text())))


def people(made: Organisation) -> dict[str, tuple[str, Any]]:
    """Whom the tokens are for: an employee, the employee's manager, and somebody from HR."""
    by_id = {person.external_id: person for person in made.people}
    hr = next(person for person in made.people if "hr" in person.roles)
    lead = next(person for person in made.people if person.title.endswith(" Lead"))
    employee = next(person for person in made.people if person.manager == lead.external_id)
    return {
        "employee": ("an employee", employee),
        "manager": ("the manager", by_id[employee.manager]),
        "hr": ("HR", hr),
    }


def _tokens(cairn: "Embedded", made: Organisation) -> dict[str, str]:
    gateway = cairn.parts["gateway"]
    return {
        role: tokens.issue_for_email(gateway, person.email, scopes=("*",), days=DAYS)
        for role, (_, person) in people(made).items()
    }


def _welcome(address: str, made: Organisation, secrets: dict[str, str]) -> str:
    lines = [f"\nCairn answers on {address}  (stop it with Ctrl-C)\n\nSign in as"]
    for role, (what, person) in people(made).items():
        lines.append(f"  {what + ':':<14}{person.display_name:<18}{secrets[role]}")
    lines.append("\nTry")
    for role, path in LOOK_AT.items():
        lines.append(f"  curl -s -H 'Authorization: Bearer {secrets[role]}' '{address}/api/v1/{path}'")
    lines.append(f"\nThe whole API: {address}/api/v1/openapi.json")
    return "\n".join(lines)
