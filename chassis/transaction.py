"""The transaction of a unit of work. It begins as late as it can: to begin and to commit takes a message each.

On PostgreSQL what is looked up before the first write needs no transaction, for each statement sees what was committed
when it began, within one or not; and a single statement is a transaction of its own. SQLite's begins with the first
look, because there a writer must not have read before it had its turn.
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, Executable, Result
from sqlalchemy.orm import Session


class Transaction:
    """Commits at the end of the block, rolls back on any exception. One thread uses it."""

    def __init__(self, engine: Engine) -> None:
        """SQLite's engine begins by itself; PostgreSQL's leaves every statement alone until it is told to begin."""
        self.sqlite = engine.dialect.name == "sqlite"
        self._engine = engine
        self._connection: Connection | None = None
        self._session: Session | None = None

    def begin(self) -> Session:
        """The session of the transaction, in which everything stands from here on."""
        if self._session is None:
            connection = self._connected()
            if not self.sqlite:
                connection.rollback()  # only SQLAlchemy takes what was looked up for a transaction
                connection.exec_driver_sql("BEGIN")
            self._session = Session(connection, expire_on_commit=False, join_transaction_mode="control_fully")
        return self._session

    def execute(self, statement: Executable, values: Mapping[str, Any]) -> Result[Any]:
        """Carry out a statement; as long as there is no transaction, it is one."""
        return (self._outside() or self.begin()).execute(statement, values)

    def carry_out(self, statement: str, values: Sequence[Any]) -> None:
        """Write with a statement in the driver's words; otherwise as `execute` does."""
        connection = self._outside() or self.begin().connection()
        connection.exec_driver_sql(statement, tuple(values)).close()

    def _outside(self) -> Connection | None:
        """The connection of what stands outside, None where there is a transaction."""
        return None if self.sqlite or self._session is not None else self._connected()

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def flush(self) -> None:
        """Write what the session holds back, if there is one."""
        if self._session is not None:
            self._session.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        try:
            if kind is None and self._session is not None:
                self._session.commit()
        finally:
            self._close()

    def _close(self) -> None:
        """Give the connection back; what is not committed is rolled back by that."""
        if self._session is not None:
            self._session.close()
        if self._connection is not None:
            self._connection.close()
