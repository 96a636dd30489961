"""The check-ins a unit has heard of, collected on its session and stored in one statement when it settles."""

from sqlalchemy.orm import Session

from chassis.guarded import keep_all
from contracts.checkins import CheckInState
from services.goals.rollup.loading import READINGS

FIELDS = tuple(column.name for column in READINGS.columns)
_HEARD = "goals check-ins"


def hear(session: Session, said: CheckInState) -> None:
    """Collect a check-in; of several versions of one the highest stays."""
    heard: dict[str, CheckInState] = session.info.setdefault(_HEARD, {})
    if said.id not in heard or heard[said.id].version < said.version:
        heard[said.id] = said


def store(session: Session) -> None:
    """Store what was collected, each unless something newer is known."""
    heard: dict[str, CheckInState] = session.info.pop(_HEARD, {})
    rows = [{name: getattr(said, name) for name in FIELDS} for said in heard.values()]
    keep_all(session, READINGS, sorted(rows, key=lambda row: row["id"]))
