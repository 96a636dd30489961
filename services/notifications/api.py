"""One's own inbox and preferences over HTTP, and the way out that every letter carries."""

from typing import Any

from chassis.http import (
    Blueprint,
    actor,
    expected,
    page_args,
    paged,
    public,
    reads,
    session,
    tagged,
    unit,
    writes,
)
from chassis.http.call import site
from chassis.unit import unit_of_work
from services.notifications import commands, queries, schemas
from services.notifications.models import Notification

blp = Blueprint("notifications", __name__, url_prefix="/api/v1", description="What you should know.")


@blp.get("/notifications")
@reads("notifications", "notification.read")
@blp.arguments(schemas.InboxFilterSchema, location="query")
@blp.response(200, schemas.NotificationPageSchema)
def list_notifications(filters: dict[str, Any]) -> dict[str, Any]:
    """List your inbox, newest first."""
    page = page_args(filters)
    keys = [Notification.raised_at.desc(), Notification.id.desc()]
    return paged(session(), queries.inbox(actor(), **filters), keys, page.limit, page.cursor)


@blp.get("/notifications/unread-count")
@reads("notifications", "notification.read")
@blp.response(200, schemas.CountSchema)
def count_unread() -> dict[str, int]:
    """How many entries of your inbox are unread."""
    return {"count": queries.unread_count(session(), actor())}


@blp.get("/notifications/<uuid:notification_id>")
@reads("notifications", "notification.read")
@blp.response(200, schemas.NotificationSchema)
def get_notification(notification_id: str) -> Notification:
    """Read one entry of your inbox. Reading it this way does not mark it as read."""
    return tagged(queries.notification(session(), actor(), notification_id))


@blp.post("/notifications/<uuid:notification_id>/read")
@writes("notifications", "notification.write")
@blp.response(200, schemas.NotificationSchema)
def mark_read(notification_id: str) -> Notification:
    """Mark an entry of your inbox as read."""
    return tagged(commands.mark(unit(), notification_id, read=True))


@blp.post("/notifications/<uuid:notification_id>/unread")
@writes("notifications", "notification.write")
@blp.response(200, schemas.NotificationSchema)
def mark_unread(notification_id: str) -> Notification:
    """Mark an entry of your inbox as unread again."""
    return tagged(commands.mark(unit(), notification_id, read=False))


@blp.post("/notifications/read-all")
@writes("notifications", "notification.write")
@blp.response(200, schemas.CountSchema)
def mark_all_read() -> dict[str, int]:
    """Mark your whole inbox as read; answers how many entries were unread."""
    return {"count": commands.mark_all_read(unit())}


@blp.get("/notification-preferences")
@reads("notifications", "preference.read")
@blp.response(200, schemas.PreferencesSchema)
def get_preferences() -> dict[str, dict[str, bool]]:
    """By which channels each kind of news reaches you. The inbox gets everything; e-mail is off until you ask."""
    return tagged(queries.preferences(session(), actor())).channels


@blp.put("/notification-preferences")
@writes("notifications", "preference.write", match=True)
@blp.arguments(schemas.PreferencesSchema)
@blp.response(200, schemas.PreferencesSchema)
def put_preferences(body: dict[str, dict[str, bool]]) -> dict[str, dict[str, bool]]:
    """Say what you want by e-mail; a kind that is left out is not mailed."""
    return tagged(commands.save_preferences(unit(), expected(), body)).channels


@blp.post("/notification-preferences/unsubscribe/<string(length=43):key>")
@public("the key in the address, mailed to one person alone, is the proof (one-click unsubscribe, RFC 8058)")
@blp.arguments(schemas.UnsubscribeSchema, location="query")
@blp.response(204)
def unsubscribe(query: dict[str, str], key: str) -> None:
    """Stop letters of one kind, or all, without signing in. The body is not read."""
    runtime = site().runtime
    with unit_of_work(runtime.db, clock=runtime.clock) as unit_:
        commands.unsubscribe(unit_, key, query.get("kind"))
