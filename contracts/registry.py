"""Every event there is, by its wire type."""

from contracts import checkins, feedback, goals, notifications, people
from contracts.event import Event

OWNERS = {
    "people": people.EVENTS,
    "goals": goals.EVENTS,
    "checkins": checkins.EVENTS,
    "feedback": feedback.EVENTS,
    "notifications": notifications.EVENTS,
}
"""Event classes by the service that owns them."""

BY_TYPE: dict[str, type[Event]] = {kind.TYPE: kind for events in OWNERS.values() for kind in events}

TOPICS = tuple(f"cairn.{owner}" for owner in OWNERS)
