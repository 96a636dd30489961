"""Schemathesis, made to ask one whole Cairn as one caller, the same questions at every run.

What is tested elsewhere, for every operation, is left out here: proof of the caller, preconditions and the other
header parameters of the chassis (`tests/system/test_bad_input.py`).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from tests.support.whole import Whole

PHASES = ("examples", "coverage", "fuzzing", "stateful")
CHASSIS_HEADERS = {"CONSISTENCY", "IF_MATCH_TAG", "IF_MATCH_TAG_OPTIONAL", "IF_NONE_MATCH_TAG", "IDEMPOTENCY_KEY"}
REFERENCES = {
    "person_id": ("colleague", "employee", "manager", "hr"),
    "team_id": ("below", "team"),
    "cycle_id": ("cycle",),
    "objective_id": ("objective", "top", "draft"),
    "key_result_id": ("key_result", "other_key_result"),
    "check_in_id": ("check_in",),
    "feedback_id": ("praise", "feedback"),
    "account_id": ("account",),
    "notification_id": ("notification",),
    "token_id": ("token",),
    "import_id": ("import",),
    "change_id": ("change",),
    "profile_name": ("profile",),
}
"""What ids in an address may mean, by the names in `Whole.ids`; the first is the one in every path."""
ALSO = dict.fromkeys(("manager_id", "owner_id", "author_id", "giver_id", "recipient_id", "lead_id"), "person_id")
SOMETIMES = 0.8


@dataclass
class Outcome:
    """What a run found."""

    faults: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    asked: set[str] = field(default_factory=set)


def conform(running: Whole, who: str, phases: Mapping[str, int]) -> Outcome:
    """Run the named phases, each with so many examples per operation, as this caller."""
    schema = schemathesis.openapi.from_dict(_document(running), config=_config(running, who, phases))
    schema.app = running.app
    schema.hook("filter_failure")(_counts)
    found = Outcome()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            found.faults.append(f"{event.label}: {event.info.title}: {event.value}")
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.ScenarioFinished):
            _note(event.recorder, found)
    return found


def _document(running: Whole) -> dict[str, Any]:
    """The served document without the header parameters that are the same everywhere."""
    document = running.get("/openapi.json")
    for item in document["paths"].values():
        for operation in item.values():
            parameters = operation.get("parameters", [])
            operation["parameters"] = [
                one for one in parameters if one.get("$ref", "").rpartition("/")[2] not in CHASSIS_HEADERS
            ]
    return document


def _config(running: Whole, who: str, phases: Mapping[str, int]) -> SchemathesisConfig:
    known = {name: [running.ids[one] for one in ones] for name, ones in REFERENCES.items()}
    parameters: dict[str, Any] = {f"path.{name}": values[0] for name, values in known.items()}
    for name, kind in ({name: name for name in known} | ALSO).items():
        parameters |= {f"{place}.{name}": {"dictionary": kind, "probability": SOMETIMES} for place in ("query", "body")}
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "workers": 1,
            "cache": {"enabled": False},
            "generation": {"deterministic": True, "database": "none", "no-shrink": True},
            # Any version will do, so that changes get past their precondition.
            "headers": {"Authorization": f"Bearer {running.secrets[who]}", "If-Match": "*"},
            "phases": {name: _phase(name, phases) for name in PHASES},
            "dictionaries": {name: {"values": values} for name, values in known.items()},
            "parameters": parameters,
            "checks": _checks(),
        }
    )


def _phase(name: str, phases: Mapping[str, int]) -> dict[str, Any]:
    if name not in phases:
        return {"enabled": False}
    return {"enabled": True} | ({} if name == "coverage" else {"generation": {"max-examples": phases[name]}})


def _checks() -> dict[str, Any]:
    return {
        # It does not work in process with a document given as one; test_bad_input asks every operation without proof.
        "ignored_auth": {"enabled": False},
        # No JSON schema can say that a person exists or that a target differs from its start: 422 names such places.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "401", "403", "404", "409", "412", "422"]},
    }


def _counts(_context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether a failure is one.

    A made-up cursor has the right shape and is refused all the same, being unsigned. And whatever is sent as an import
    is a file, which is taken; what it is worth is found out later.
    """
    if type(failure).__name__ == "RejectedPositiveData":
        return b'"urn:cairn:problem:cursor"' not in response.content
    taken = type(failure).__name__ == "AcceptedNegativeData" and "in body" in failure.message
    return not (taken and case.method == "POST" and case.path == "/api/v1/imports")


def _note(recorder: Any, found: Outcome) -> None:
    for key, interaction in recorder.interactions.items():
        if interaction.response is not None:
            found.statuses[interaction.response.status_code] += 1
            found.asked.add(recorder.cases[key].value.operation.label)
    for key, checks in recorder.checks.items():
        case, interaction = recorder.cases[key].value, recorder.interactions.get(key)
        answer = interaction.response.content[:500] if interaction and interaction.response else b""
        found.faults += [
            f"{check.name}: {case.method} {case.formatted_path} {case.query} {str(case.body)[:500]} -> {answer!r}: "
            f"{check.failure_info.failure.message}"
            for check in checks
            if check.failure_info is not None
        ]
