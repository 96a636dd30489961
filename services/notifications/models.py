"""The inbox entries, what a person wants by e-mail, and the letters that are to be sent.

An entry and a letter are unique by cause and person: a cause is the fact behind an event (its noun, id and version),
so neither a redelivered event nor a republished one tells anybody twice.
"""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.access import Thing
from chassis.db import Json, Moment, metadata
from chassis.ids import new_id
from contracts.notifications import NotificationState
from services.notifications.rules import EMAIL, LONGEST_TITLE, PENDING, channels

S = TypeVar("S", bound=NotificationState)

UNREAD = text("read_at IS NULL")
UNNAMED = text("unnamed")
WAITING = text("status = 'pending'")


class Base(DeclarativeBase):
    metadata = metadata()


class Notification(Base):
    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("cause", "person_id"),
        Index("ix_notifications_inbox", "person_id", "raised_at", "id"),
        Index("ix_notifications_unread", "person_id", postgresql_where=UNREAD, sqlite_where=UNREAD),
        Index("ix_notifications_unnamed", "named_id", postgresql_where=UNNAMED, sqlite_where=UNNAMED),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(default=1)
    person_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(30))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(36))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    cause: Mapped[str] = mapped_column(String(200))
    cause_event_id: Mapped[str] = mapped_column(String(36))
    named_id: Mapped[str | None] = mapped_column(String(36))
    """The person whose name stands in the title."""
    unnamed: Mapped[bool] = mapped_column(default=False)
    """That person's name had not arrived when the title was written."""
    happened_at: Mapped[datetime] = mapped_column(Moment)
    raised_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012 - SQLAlchemy's own way

    @property
    def thing(self) -> Thing:
        return Thing("notification", subject=self.person_id)

    def state(self, event: type[S]) -> S:
        """The event of this class that carries it as it is."""
        return event(
            id=self.id,
            version=self.version,
            person_id=self.person_id,
            kind=self.kind,
            subject_kind=self.subject_kind,
            subject_id=self.subject_id,
            title=self.title,
            raised_at=self.raised_at,
            read_at=self.read_at,
        )


class Preferences(Base):
    """What one person wants by e-mail. Without a row: nothing, version 1."""

    __tablename__ = "preferences"

    person_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    email_kinds: Mapped[list[str]] = mapped_column(Json)
    unsubscribe_key: Mapped[str] = mapped_column(String(64), unique=True)
    """Opens nothing but the way out: whoever holds a letter can stop letters of its kind."""

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012 - SQLAlchemy's own way

    @property
    def channels(self) -> dict[str, dict[str, bool]]:
        return channels(self.email_kinds)


class Delivery(Base):
    """A letter about one cause to one person by one channel."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("cause", "person_id", "channel"),
        Index("ix_deliveries_waiting", "next_attempt_at", postgresql_where=WAITING, sqlite_where=WAITING),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    notification_id: Mapped[str] = mapped_column(String(36), index=True)
    cause: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[str] = mapped_column(String(36))
    channel: Mapped[str] = mapped_column(String(20), default=EMAIL)
    status: Mapped[str] = mapped_column(String(20), default=PENDING)
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it was put off, failed or is held back."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was claimed for sending; a claim whose sender died counts."""
    next_attempt_at: Mapped[datetime] = mapped_column(Moment)
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def message_id(self) -> str:
        """The same at every attempt, so that a receiver can tell a repeated letter."""
        return f"<{self.id}@cairn>"


class Address(Base):
    """What mail servers have said about an address: permanent refusals in a row, and since when it is given up."""

    __tablename__ = "addresses"

    email: Mapped[str] = mapped_column(String(320), primary_key=True)
    rejections: Mapped[int] = mapped_column(default=0)
    suppressed_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str | None] = mapped_column(Text)
