"""Logs: one JSON object a line on stderr, with the trace and the pseudonymous actor of the work at hand.

Personal text stays out by construction: of an exception only its type and its frames are written, never its message
(an SQL error quotes the row it failed on), and of extra fields only numbers, truth values and short words.
"""

import json
import logging
import sys
import traceback
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO

import msgspec

_PLAIN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LONGEST_WORD = 200
CHATTY = ("alembic", "httpx", "httpcore", "kafka", "waitress.queue")
"""Libraries that tell at INFO what only their own authors want to know."""

_noted: ContextVar[tuple[str | None, str | None]] = ContextVar("cairn_log_context", default=(None, None))


def note(trace_id: str | None, actor: str | None = None) -> None:
    """Say for what, and on whose behalf, this thread or task works from now on; `actor` is an id, never a name."""
    _noted.set((trace_id, actor))


def noted() -> tuple[str | None, str | None]:
    """The trace id and the actor's id as last noted here."""
    return _noted.get()


def configure(service: str, level: str = "INFO", stream: IO[str] | None = None) -> None:
    """Send everything logged to the stream (stderr): JSON lines, or a readable form where a person looks on."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(ReadableLines() if out.isatty() else JsonLines(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # No line of ours says where in the code, in which thread or process it was written: it need not be found out.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


class JsonLines(logging.Formatter):
    """One record, one line; line breaks inside a message are escaped by JSON."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        trace_id, actor = noted()
        line: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
            "service": self._service,
            "trace_id": trace_id,
            "actor": actor,
        }
        line |= _extras(record)
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = _told(record.exc_info[1])
        return _encoded(line)


def _encoded(line: dict[str, object]) -> str:
    """As JSON in ASCII. What holds anything else is rare, and goes the slow way."""
    with suppress(UnicodeEncodeError, OverflowError):
        encoded = msgspec.json.encode(line)
        if encoded.isascii():
            return encoded.decode()
    return json.dumps(line)


class ReadableLines(logging.Formatter):
    """For a terminal: time, level, message and the extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        extras = " ".join(f"{name}={value}" for name, value in _extras(record).items())
        message = record.getMessage().replace("\r", "\\r").replace("\n", "\\n")
        line = f"{at} {record.levelname.lower():7} {message} {extras}".rstrip()
        if record.exc_info and record.exc_info[1] is not None:
            line += "\n" + "\n".join(str(frame) for cause in _told(record.exc_info[1]) for frame in cause.values())
        return line


def _extras(record: logging.LogRecord) -> dict[str, object]:
    return {
        name: value
        for name, value in vars(record).items()
        if name not in _PLAIN_FIELDS
        and (isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= _LONGEST_WORD))
    }


def _told(fault: BaseException) -> list[dict[str, object]]:
    """The exception and what led to it, each as its type and the places it passed."""
    story: list[dict[str, object]] = []
    seen: BaseException | None = fault
    while seen is not None and len(story) < 5:
        frames = traceback.extract_tb(seen.__traceback__)[-12:]
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        story.append({"type": f"{type(seen).__module__}.{type(seen).__qualname__}", "frames": places})
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return story
