"""The tables of the read model. People and teams are the chassis' own copy, `chassis.tables`.

No foreign keys: a key result may arrive before its objective, an objective before its owner. Every row keeps the
version of its aggregate; 0 says that the owner has not confirmed it since a rebuild began.
"""

from sqlalchemy import BigInteger, Boolean, Column, Date, Double, Index, Integer, String, Table, Text, text
from sqlalchemy.orm import DeclarativeBase

from chassis.db import Exact, Json, Moment, metadata


class Base(DeclarativeBase):
    """What all tables of the gateway share."""

    metadata = metadata()


CYCLES = Table(
    "cycles",
    Base.metadata,
    Column("id", String(36), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("state", String(40), nullable=False),
)

OBJECTIVES = Table(
    "objectives",
    Base.metadata,
    Column("id", String(36), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("external_id", Text),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("cycle_id", String(36), nullable=False, index=True),
    Column("owner_kind", String(40), nullable=False),
    Column("owner_id", String(36), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("state", String(40), nullable=False),
    Column("progress", Double),
    Column("status", String(40), nullable=False),
    Column("grade", Double),
    Column("grade_note", Text),
    Column("created_at", Moment, comment="told by the id; null where the id does not say"),
    Column("closed_at", Moment),
    Index("ix_objectives_created_at", "created_at", "id"),
    Index("ix_objectives_closed_at", "closed_at", "id"),
)

OWNERS = Table(
    "objective_owners",
    Base.metadata,
    Column("objective_id", String(36), primary_key=True),
    Column("owner_id", String(36), primary_key=True, index=True),
    Column("owner_kind", String(40), nullable=False),
    Column("role", String(40), nullable=False, comment="owner or co_owner"),
)

LINKS = Table(
    "objective_links",
    Base.metadata,
    Column("objective_id", String(36), primary_key=True),
    Column("parent_id", String(36), primary_key=True, index=True),
    Column("parent_kind", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("weight", Exact, nullable=False),
)

KEY_RESULTS = Table(
    "key_results",
    Base.metadata,
    Column("id", String(36), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("external_id", Text),
    Column("objective_id", String(36), nullable=False, index=True),
    Column("cycle_id", String(36), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("owner_id", String(36), index=True),
    Column("metric", String(40), nullable=False),
    Column("unit", String(40), nullable=False),
    Column("currency", String(40)),
    Column("start", Exact),
    Column("target", Exact),
    Column("lower", Exact),
    Column("upper", Exact),
    Column("milestones", Json, nullable=False),
    Column("weight", Exact, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("value", Exact),
    Column("milestones_done", Json, nullable=False),
    Column("progress_raw", Double),
    Column("progress", Double),
    Column("confidence", Double),
    Column("status", String(40), nullable=False),
    Column("as_of", Date),
    Column("open", Boolean, nullable=False),
    Column("opened_at", Moment, comment="when check-ins were first taken; never null while open"),
)

CHECK_INS = Table(
    "check_ins",
    Base.metadata,
    Column("id", String(36), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("key_result_id", String(36), nullable=False),
    Column("objective_id", String(36), nullable=False),
    Column("author_id", String(36), nullable=False, index=True),
    Column("value", Exact),
    Column("milestones_done", Json),
    Column("confidence", Double),
    Column("status", String(40)),
    Column("note", Text),
    Column("blockers", Text),
    Column("as_of", Date, nullable=False),
    Column("submitted_at", Moment, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Index("ix_check_ins_history", "key_result_id", "withdrawn", "as_of", "submitted_at", "id"),
    Index("ix_check_ins_submitted_at", "submitted_at", "id"),
)

FEEDBACK = Table(
    "feedback",
    Base.metadata,
    Column("id", String(36), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("visibility", String(40), nullable=False),
    Column("giver_id", String(36), nullable=False),
    Column("recipient_id", String(36), nullable=False),
    Column("manager_id", String(36)),
    Column("about_kind", String(40)),
    Column("about_id", String(36)),
    Column("text", Text, comment="only where the visibility is public"),
    Column("given_at", Moment, nullable=False),
    Index("ix_feedback_recipient", "recipient_id", "given_at", "id"),
    Index("ix_feedback_given_at", "given_at", "id"),
)

NOTIFICATIONS = Table(
    "notifications",
    Base.metadata,
    Column("id", String(36), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("person_id", String(36), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject_kind", String(40), nullable=False),
    Column("subject_id", String(36), nullable=False),
    Column("title", Text, nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("read_at", Moment),
    Index(
        "ix_notifications_unread",
        "person_id",
        "raised_at",
        postgresql_where=text("read_at IS NULL"),
        sqlite_where=text("read_at IS NULL"),
    ),
)

SEARCH = Table(
    "search_entries",
    Base.metadata,
    Column("id", String(36), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False, comment="person, team, objective or key_result"),
    Column("title", Text, nullable=False),
    Column("folded", Text, nullable=False, comment="the title without case and accents"),
    Column("words", Text, nullable=False, comment="all that is searched, folded"),
    Column("shown", Boolean, nullable=False),
)

FRESHNESS = Table(
    "freshness",
    Base.metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, comment="always 1"),
    Column("newest", Moment, nullable=False, comment="time of the newest event applied"),
)

EDITION = Table(
    "edition",
    Base.metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, comment="always 1"),
    Column("edition", BigInteger, nullable=False, comment="of the newest change"),
)

CHANGES = Table(
    "changes",
    Base.metadata,
    Column("edition", BigInteger, primary_key=True, autoincrement=False),
    Column("newest", Moment, comment="time of the newest event by then"),
    Column("about", Json, nullable=False, comment="ids; among them * for everything"),
)
