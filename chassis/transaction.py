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

    def __init__(self, writer: Engine, alone: Engine | None) -> None:
        """`alone` commits every statement by itself; None where nothing may stand outside the transaction."""
        self.sqlite = alone is None
        self._writer = writer
        self._alone = alone
        self._connection: Connection | None = None
        self._session: Session | None = None

    def begin(self) -> Session:
        """The session of the transaction, in which everything stands from here on."""
        if self._session is None:
            self._session = Session(self._continued() or self._writer, expire_on_commit=False)
        return self._session

    def _continued(self) -> Connection | None:
        """The connection used so far, on which transactions begin again as they do by default."""
        if self._connection is not None:
            self._connection.rollback()  # only SQLAlchemy takes what was looked up for a transaction
            self._connection.execution_options(isolation_level=self._connection.default_isolation_level)
        return self._connection

    def look_up(self, statement: Executable, values: Mapping[str, Any]) -> Result[Any]:
        """Carry out a query that locks nothing; outside the transaction as long as there is none."""
        return (self._outside() or self.begin()).execute(statement, values)

    def carry_out(self, statement: str, values: Sequence[Any]) -> None:
        """Write with a statement in the driver's words; as long as there is no transaction, it is one."""
        connection = self._outside() or self.begin().connection()
        connection.exec_driver_sql(statement, tuple(values)).close()

    def _outside(self) -> Connection | None:
        """The connection of what stands outside, None where there is a transaction."""
        if self._alone is None or self._session is not None:
            return None
        if self._connection is None:
            self._connection = self._alone.connect()
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
