"""What a row of a people file does to one person, and the state it leaves them in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from msgspec.structs import asdict

from contracts.people import PersonChanged, PersonDeactivated, PersonReactivated, PersonRegistered, PersonState
from services.people.models import NEW_PERSON

Done = Literal["created", "changed", "deactivated", "reactivated", "unchanged"]
_KINDS: Mapping[str, type[PersonState]] = {
    "created": PersonRegistered,
    "changed": PersonChanged,
    "deactivated": PersonDeactivated,
    "reactivated": PersonReactivated,
}
NOTHING: Mapping[str, Any] = {}


@dataclass(slots=True)
class PersonStep:
    """`changes` over what is `present`; of somebody new with this id, all that is said."""

    line: int
    """0 where no row asks for it: somebody leaves."""
    id: str
    present: PersonState | None
    changes: Mapping[str, Any]

    @property
    def what(self) -> Done:
        if self.present is None:
            return "created"
        if not self.changes:
            return "unchanged"
        active = self.changes.get("active")
        return "changed" if active is None else "reactivated" if active else "deactivated"

    @property
    def leaves(self) -> bool:
        """Whether somebody active no longer is."""
        return self.present is not None and self.changes.get("active") is False

    @property
    def lets_go(self) -> bool:
        """Whether somebody active leaves, now or on a last day that is set."""
        planned = self.changes.get("end_date") is not None
        return self.leaves or (planned and self.present is not None and self.present.active)

    def get(self, field: str) -> Any:
        """A field as it will be; None where somebody new has none."""
        return self.changes.get(field, getattr(self.present, field, None))

    def after(self) -> PersonState:
        """The state, as the event that tells it. Only for steps that change something."""
        kind = _KINDS[self.what]
        if self.present is None:
            return kind(**{**NEW_PERSON, **self.changes}, id=self.id, version=1)
        return kind(**{**asdict(self.present), **self.changes, "version": self.present.version + 1})


def differences(present: PersonState | None, values: dict[str, Any]) -> Mapping[str, Any]:
    """Those of the values that are not the present ones; all of them for somebody new."""
    if present is None:
        return values
    return {name: value for name, value in values.items() if getattr(present, name) != value} or NOTHING
