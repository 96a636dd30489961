"""The tables every service's database has beside its own: outbox, inbox, dead letters, leases, idempotency records,
and the local copy of people and teams. They are migrated by `chassis/migrations`, apart from the service's tables."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from chassis.db import Json, Moment, metadata

METADATA = metadata()
SERIAL = BigInteger().with_variant(Integer(), "sqlite")

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("event_id", String(36), nullable=False, unique=True),
    Column("topic", String(100), nullable=False),
    Column("key", String(100), nullable=False),
    Column("aggregate_version", BigInteger, nullable=False),
    Column("type", String(100), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("headers", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("published_at", Moment),
    sqlite_autoincrement=True,
)
Index(
    "ix_outbox_unpublished",
    OUTBOX.c.id,
    postgresql_where=text("published_at IS NULL"),
    sqlite_where=text("published_at IS NULL"),
)

INBOX = Table(
    "inbox",
    METADATA,
    Column("event_id", String(36), primary_key=True),
    Column("received_at", Moment, nullable=False),
)

DEAD_LETTERS = Table(
    "dead_letters",
    METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("topic", String(100), nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("headers", Json, nullable=False),
    Column("payload", LargeBinary),
    Column("reason", String(40), nullable=False),
    Column("detail", Text, nullable=False),
    Column("parked_at", Moment, nullable=False),
    Index("ix_dead_letters_aggregate", "topic", "key"),
)

LEASES = Table(
    "leases",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("owner", String(100), nullable=False),
    Column("expires", BigInteger, nullable=False, comment="milliseconds of the database's own clock"),
)

TASK_RUNS = Table(
    "task_runs",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("ran_at", Moment, nullable=False),
)

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("actor_id", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer),
    Column("headers", Json),
    Column("body", LargeBinary),
    Column("created_at", Moment, nullable=False),
)

PEOPLE = Table(
    "replica_people",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("external_id", String(200)),
    Column("email", String(320), nullable=False, index=True),
    Column("display_name", String(300), nullable=False),
    Column("title", String(300)),
    Column("manager_id", String(36), index=True),
    Column("team_ids", Json, nullable=False),
    Column("roles", Json, nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("locale", String(35), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("start_date", Date),
    Column("end_date", Date),
)

MEMBERS = Table(
    "replica_members",
    METADATA,
    Column("team_id", String(36), primary_key=True),
    Column("person_id", String(36), primary_key=True, index=True),
)

TEAMS = Table(
    "replica_teams",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("name", String(300), nullable=False),
    Column("parent_id", String(36), index=True),
    Column("lead_id", String(36), index=True),
    Column("archived", Boolean, nullable=False),
)
