"""One piece of praise or feedback. Written once, never changed."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.access import Thing
from chassis.db import Moment, metadata
from chassis.ids import new_id
from contracts.feedback import FeedbackGiven, Subject
from services.feedback.rules import PUBLIC, RECIPIENT_AND_MANAGER, travelling_text


class Base(DeclarativeBase):
    metadata = metadata()


class Feedback(Base):
    """`manager_id` is the recipient's manager at the time of writing, kept only where the visibility includes them."""

    __tablename__ = "feedback"
    __table_args__ = (
        Index("ix_feedback_given", "given_at", "id"),
        Index("ix_feedback_recipient", "recipient_id", "given_at", "id"),
        Index("ix_feedback_giver", "giver_id", "given_at", "id"),
        Index("ix_feedback_about", "about_id", "about_kind"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(default=1)
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    visibility: Mapped[str] = mapped_column(String(30))
    giver_id: Mapped[str] = mapped_column(String(36))
    recipient_id: Mapped[str] = mapped_column(String(36))
    manager_id: Mapped[str | None] = mapped_column(String(36), index=True)
    about_kind: Mapped[str | None] = mapped_column(String(20))
    about_id: Mapped[str | None] = mapped_column(String(36))
    text: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(Moment)

    @property
    def about(self) -> Subject | None:
        if self.about_kind is None or self.about_id is None:
            return None
        return Subject(kind=self.about_kind, id=self.about_id)

    def seen_by(self, manager_now: str | None) -> Thing:
        """How people stand to it, given who manages the recipient today.

        A manager counts who was it at the time of writing and still is: a new one gains nothing, an old one keeps
        nothing.
        """
        kept = self.visibility == RECIPIENT_AND_MANAGER and self.manager_id == manager_now
        return Thing(
            "feedback",
            owners=frozenset({self.giver_id}),
            subject=self.recipient_id,
            managers=frozenset({self.manager_id}) if kept and self.manager_id else frozenset(),
            public=self.visibility == PUBLIC,
        )

    def given(self) -> FeedbackGiven:
        """The event that tells of it."""
        return FeedbackGiven(
            id=self.id,
            version=self.version,
            kind=self.kind,
            visibility=self.visibility,
            giver_id=self.giver_id,
            recipient_id=self.recipient_id,
            manager_id=self.manager_id,
            about=self.about,
            text=travelling_text(self.visibility, self.text),
            given_at=self.given_at,
        )
