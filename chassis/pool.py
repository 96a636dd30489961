"""A connection pool that shows how full it is, under the name of the part it belongs to."""

import threading
import time
from typing import Any

from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from chassis import metrics


class MeasuredPool(QueuePool):
    """SQLAlchemy's own; `pool_logging_name` is the service its metrics are kept under."""

    __module__ = QueuePool.__module__  # its log lines stay SQLAlchemy's

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._turn = threading.Lock()
        service = self.logging_name or ""
        # Known from the start with 0: a counter that is born with its first count never seems to have grown.
        self._timeouts = metrics.CONNECTION_TIMEOUTS.labels(service)
        self._limit = metrics.CONNECTIONS_LIMIT.labels(service)
        self._seconds = metrics.CONNECTION_SECONDS.labels(service)
        self._in_use = metrics.CONNECTIONS.labels(service)

    def _do_get(self) -> ConnectionPoolEntry:
        began = time.perf_counter()
        try:
            return super()._do_get()
        except PoolTimeout:
            self._timeouts.inc()
            raise
        finally:
            self._seconds.observe(time.perf_counter() - began)
            self._limit.set(self.size() + self._max_overflow)
            self._show()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        super()._do_return_conn(record)
        self._show()

    def dispose(self) -> None:
        """What is given up opens no more connections: the process that forks the others does so."""
        super().dispose()
        self._limit.set(0)

    def _show(self) -> None:
        """In turns: of two that return at once, the one that shows last has seen both."""
        with self._turn:
            self._in_use.set(self.checkedout())
