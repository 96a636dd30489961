"""API tokens and service accounts. Of a token only a hash is kept; whoever reads this database cannot sign in."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import Json, Moment
from chassis.ids import new_id
from gateway.projection.models import Base


class ServiceAccount(Base):
    """Another system that works with Cairn. It belongs to the organisation, not to whoever made it."""

    __tablename__ = "service_accounts"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    roles: Mapped[list[str]] = mapped_column(Json)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(64))

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012 - SQLAlchemy's name


class Token(Base):
    """One API token, of a person or of a service account."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    lookup: Mapped[str] = mapped_column(String(16), unique=True)
    """The part of the token by which it is found; it proves nothing."""
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    """SHA-256 of its secret part, which has 256 random bits: nothing slower is needed."""
    person_id: Mapped[str | None] = mapped_column(String(36), index=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("service_accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    """Within ten minutes."""
