"""PostgreSQL connections that give up on a server which says nothing.

`statement_timeout` is the server's own watch: a server that hangs, or one behind a broken network, never looks at it.
So we look at ours, a little later. A connection given up is closed; whether its last statement was carried out is not
known, as after any lost connection.
"""

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus


def connecting(seconds: float) -> Callable[..., Any]:
    """How to connect so that no single answer is waited for longer than this; then it is an OperationalError."""

    class Impatient(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, seconds if timeout is None else timeout)
            except psycopg.OperationalError:
                if timeout is None and self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                    self.pgconn.finish()
                raise

    return Impatient.connect
