"""A service's own database: SQLite file or PostgreSQL, behind the same few words.

Writers on SQLite start with BEGIN IMMEDIATE and queue on a lock of ours inside one process, because SQLite lets
contending writers starve for seconds; other processes are waited for by its busy timeout. `synchronous=FULL`:
an acknowledged write survives a power cut.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Numeric,
    String,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from chassis.transaction import Transaction

BUSY_SECONDS = 15
STATEMENT_SECONDS = 30.0
"""How long PostgreSQL may work on one statement, unless a process says otherwise."""
ANSWER_SECONDS = 2.0
"""How much longer an answer is waited for from a server that does not even say that the time is over."""
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

ID = String(36)
Json = JSON().with_variant(JSONB(), "postgresql")
"""A JSON column; JSONB where there is one."""

_JSON: dict[str, Any] = {
    "json_serializer": lambda value: msgspec.json.encode(value).decode(),
    "json_deserializer": msgspec.json.decode,
}


def metadata() -> MetaData:
    """Table metadata with stable constraint names, so that migrations can speak of them."""
    return MetaData(naming_convention=NAMING)


class Exact(TypeDecorator[Decimal]):
    """A decimal without loss: NUMERIC(30, 9) on PostgreSQL, text on SQLite, which has no exact numbers."""

    impl = Numeric(30, 9)
    cache_ok = True

    @property
    def python_type(self) -> type[Decimal]:
        return Decimal

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(String(40) if dialect.name == "sqlite" else Numeric(30, 9))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return format(value, "f") if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else plain(Decimal(value))


_WHOLE = Decimal(1)


def plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros or exponent: 10, not 10.000000000 or 1E+1."""
    return value.quantize(_WHOLE) if value == value.to_integral_value() else value.normalize()


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; naive values are refused, so that no zone is ever guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def on_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


class Database:
    """Engine and sessions of one service. Safe to share between threads; not across a fork (connect afterwards)."""

    def __init__(
        self, url: str | URL, *, name: str = "", pool_size: int = 5, statement_seconds: float = STATEMENT_SECONDS
    ) -> None:
        """`name` is the part its metrics are kept under."""
        from chassis.pool import MeasuredPool

        self._pool = {"poolclass": MeasuredPool, "pool_logging_name": name}
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.wakeup = threading.Event()
        self.written = object()
        """Another object after each commit made through here."""
        self._writing = threading.RLock()
        self.engine = (
            self._sqlite_engine(pool_size) if self.sqlite else self._postgres_engine(pool_size, statement_seconds)
        )
        self._writer = self.engine.execution_options(begin="IMMEDIATE") if self.sqlite else self.engine

    def _sqlite_engine(self, pool_size: int) -> Engine:
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            self.url,
            **_JSON,
            **self._pool,
            hide_parameters=True,
            pool_size=pool_size,
            max_overflow=20,
            connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(
            engine, "begin", lambda c: c.exec_driver_sql("BEGIN " + c.get_execution_options().get("begin", ""))
        )
        return engine

    def _postgres_engine(self, pool_size: int, seconds: float) -> Engine:
        from chassis.connections import stands
        from chassis.impatience import connecting

        # Compiling a statement takes longer than any of ours: recursive ones look dear to the planner and never are.
        options = f"-c lock_timeout=5000 -c statement_timeout={seconds * 1000:.0f} -c jit=off"
        options += " -c idle_in_transaction_session_timeout=60000"
        engine = create_engine(
            self.url,
            **_JSON,
            **self._pool,
            hide_parameters=True,
            pool_size=pool_size,
            max_overflow=10,
            pool_timeout=2,
            pool_pre_ping=True,
            isolation_level="AUTOCOMMIT",  # a transaction is begun in words, by what needs one
            connect_args={"options": options, "connect_timeout": 3, "application_name": "cairn"},
        )
        connect, ping = connecting(seconds + ANSWER_SECONDS), engine.dialect.do_ping
        engine.dialect.do_ping = lambda taken: stands(taken) or ping(taken)  # type: ignore[assignment]
        event.listen(engine, "do_connect", lambda _dialect, _record, given, named: connect(*given, **named))
        return engine

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One write transaction, begun when it is needed: commits at the end, rolls back on any exception."""
        with self._writer_turn(), Transaction(self._writer) as transaction:
            yield transaction
        self.written = object()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """The session of one write transaction: commits at the end, rolls back on any exception."""
        with self.transaction() as transaction:
            yield transaction.begin()

    @contextmanager
    def _writer_turn(self) -> Iterator[None]:
        if not self.sqlite:
            yield
            return
        with self._writing:
            yield

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads only; nothing is ever committed through it."""
        with Session(self.engine, autoflush=False, expire_on_commit=False) as session:
            yield session

    def dispose(self) -> None:
        self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    _write_ahead(cursor)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "cache_size=-2000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Two that open a new file at once both turn it; SQLite refuses one of them without waiting, so we do."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.005)
        else:
            return
