"""An upload: a file as it was sent, who sent it and how it is to be read, what state it is in and what came of it."""

import zlib
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from chassis import db
from chassis.access import Actor
from chassis.ids import new_id
from services.people.models import Base

PEOPLE, TEAMS = "people", "teams"
WAITING, RUNNING = "waiting", "running"
APPLIED, JUDGED, REFUSED, STOPPED, FAILED = "applied", "judged", "refused", "stopped", "failed"
STATES = (WAITING, RUNNING, APPLIED, JUDGED, REFUSED, STOPPED, FAILED)
UNFINISHED = (WAITING, RUNNING)
ACCEPTABLE = (JUDGED, REFUSED, STOPPED)
"""What was judged and not applied may be applied after all."""
SENT, ERRORS = "sent", "errors"
LONGEST_PROFILE_NAME = 60
_QUICKLY = 3
"""zlib's level: a file of 20 MiB is packed within the request that brings it."""


class Upload(Base):
    """One file on its way: waiting, running, then applied, judged (a dry run), refused, stopped by the guard rail, or
    failed."""

    __tablename__ = "imports"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    of: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    queued_at: Mapped[datetime] = mapped_column(db.Moment)
    """Since when it waits: when it was sent, or when its judgement was accepted."""
    sent_at: Mapped[datetime] = mapped_column(db.Moment)
    sent_by: Mapped[str] = mapped_column(String(64))
    sender: Mapped[dict[str, Any]] = mapped_column(db.Json)
    """The actor who sent it: kind, roles and scopes."""
    traceparent: Mapped[str] = mapped_column(String(60))
    name: Mapped[str | None] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    """SHA-256 of the file as sent."""
    same_as: Mapped[str | None] = mapped_column(String(36))
    """The newest earlier upload of the same content that was applied."""
    asked: Mapped[dict[str, Any]] = mapped_column(db.Json)
    """The options as they count, those of a profile among them."""
    dry_run: Mapped[bool]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    started_at: Mapped[datetime | None] = mapped_column(db.Moment)
    finished_at: Mapped[datetime | None] = mapped_column(db.Moment)
    detail: Mapped[str | None] = mapped_column(Text)
    """Why it ended as it did, with the remedy, where there is something to say."""
    counts: Mapped[dict[str, int] | None] = mapped_column(db.Json)
    recognised: Mapped[dict[str, Any] | None] = mapped_column(db.Json)
    remarks: Mapped[list[str]] = mapped_column(db.Json, default=list)
    """What somebody should know although nothing is wrong."""
    guard: Mapped[dict[str, Any] | None] = mapped_column(db.Json)
    """What stopped it, or would."""
    rejected: Mapped[list[dict[str, Any]]] = mapped_column(db.Json, default=list)
    """What makes the whole file unreadable, place by place."""
    outcome: Mapped[str | None] = mapped_column(String(64))
    """Digest of the result of every row, by which a judgement is known to hold still."""
    consistency: Mapped[str | None] = mapped_column(Text)
    """The token by which a read waits for what it published."""
    kept: Mapped[bool] = mapped_column(default=True)
    """Whether file, rows and error file are here still."""

    __table_args__ = (
        Index("ix_imports_queue", "state", "queued_at", "id"),
        Index("ix_imports_newest", "sent_at", "id"),
    )

    def actor(self) -> Actor:
        """Who sent it, as they were then."""
        roles, scopes = frozenset(self.sender["roles"]), frozenset(self.sender["scopes"])
        return Actor(self.sent_by, self.sender["kind"], roles, scopes)


class UploadFile(Base):
    """The bytes of an upload: the file as sent, and the one to mend."""

    __tablename__ = "import_files"

    import_id: Mapped[str] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    form: Mapped[str | None] = mapped_column(String(10))
    """csv or xlsx; not known of a file that was not read yet."""
    packed: Mapped[bytes] = mapped_column(LargeBinary)

    @classmethod
    def of(cls, import_id: str, kind: str, content: bytes, form: str | None = None) -> "UploadFile":
        return cls(import_id=import_id, kind=kind, form=form, packed=zlib.compress(content, _QUICKLY))

    @property
    def content(self) -> bytes:
        return zlib.decompress(self.packed)


class UploadRows(Base):
    """The results of some hundred rows, in the order of the file, packed: there are many, and few are read."""

    __tablename__ = "import_rows"

    import_id: Mapped[str] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    first: Mapped[int] = mapped_column(Integer, primary_key=True)
    """Places in the list of results, from 1; not lines of the file."""
    last: Mapped[int] = mapped_column(Integer)
    kinds: Mapped[dict[str, int]] = mapped_column(db.Json)
    """How many rows of each result are in it."""
    packed: Mapped[bytes] = mapped_column(LargeBinary)


class Profile(Base):
    """Options and a column map under a name, for a file that comes again and again."""

    __tablename__ = "import_profiles"

    name: Mapped[str] = mapped_column(String(LONGEST_PROFILE_NAME), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    options: Mapped[dict[str, Any]] = mapped_column(db.Json)
    changed_at: Mapped[datetime] = mapped_column(db.Moment)
    changed_by: Mapped[str] = mapped_column(String(64))
