"""Logs: every line is one JSON object that says when, what, for whom and in which trace, and nothing personal."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from chassis import logs
from tests.chassis.http.demo import ANA, Demo, demo

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """The lines of a service called goals."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    logs.configure("goals", "info", stream)
    yield stream
    root.handlers[:], root.level = before[0], before[1]
    logs.note(None)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_says_when_what_where_and_for_whom(out: io.StringIO) -> None:
    logs.note(TRACE, ANA.id)
    logging.getLogger("cairn.test").info("relay caught up", extra={"count": 7})
    (line,) = lines(out)
    assert line.pop("ts").endswith("+00:00")
    assert line == {
        "level": "info",
        "event": "relay caught up",
        "logger": "cairn.test",
        "service": "goals",
        "trace_id": TRACE,
        "actor": ANA.id,
        "count": 7,
    }


def test_a_line_break_in_a_message_makes_no_second_line(out: io.StringIO) -> None:
    logging.getLogger().warning('a\nb\r\n{"level": "forged"}\u2028c')
    assert len(out.getvalue().splitlines()) == 1
    assert lines(out)[0]["event"].startswith("a\nb")


@pytest.mark.parametrize("words", ["Zoë", "\U0001f600", "half a letter: \udcff"])
def test_whatever_is_said_makes_a_line_of_plain_letters(words: str) -> None:
    # Formatted without being logged: what pytest captures, its processes send each other, and this they could not.
    line = logs.JsonLines("goals").format(logging.makeLogRecord({"msg": words, "count": 1 << 70}))
    assert line.isascii()
    assert (json.loads(line)["event"], json.loads(line)["count"]) == (words, 1 << 70)


def test_the_level_is_a_threshold(out: io.StringIO) -> None:
    logging.getLogger().debug("unheard")
    assert out.getvalue() == ""


def test_an_exception_is_told_by_type_and_place_and_not_by_its_words(out: io.StringIO) -> None:
    try:
        try:
            raise KeyError("ana@example.org")
        except KeyError as fault:
            raise ValueError("Ana has 3 objectives") from fault
    except ValueError:
        logging.getLogger().exception("it failed")
    (line,) = lines(out)
    assert [cause["type"] for cause in line["exception"]] == ["builtins.ValueError", "builtins.KeyError"]
    assert "test_logs.py" in line["exception"][0]["frames"][0]
    assert "ana" not in out.getvalue().lower().replace(ANA.id, "")


def test_only_plain_short_extras_are_written(out: io.StringIO) -> None:
    extras = {"service": "people", "body": {"secret": 1}, "essay": "x" * 500, "ok": True}
    logging.getLogger().info("hello", extra=extras)
    (line,) = lines(out)
    assert (line["service"], line["ok"]) == ("people", True)
    assert "body" not in line
    assert "essay" not in line


def test_a_person_at_a_terminal_gets_plain_lines() -> None:
    record = logging.makeLogRecord({"msg": "two\nlines", "levelname": "INFO", "count": 7})
    assert logs.ReadableLines().format(record).endswith("info    two\\nlines count=7")


def test_a_request_is_one_line_with_its_trace_actor_route_and_time(out: io.StringIO, shop: Demo) -> None:
    path = shop.create("Ana wants more").headers["Location"]
    shop.client().get(f"{path}?secret=1", headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    line = lines(out)[-1]
    assert (line["event"], line["trace_id"], line["actor"]) == ("request", TRACE, ANA.id)
    assert (line["route"], line["method"], line["status"]) == ("/api/v1/cycles/<uuid:cycle_id>", "GET", 200)
    assert 0 < line["ms"] < 10_000
    assert "Ana wants" not in out.getvalue()
    assert "secret" not in out.getvalue()


def test_one_callers_name_is_not_left_for_the_next(out: io.StringIO, shop: Demo) -> None:
    shop.client().get("/api/v1/whoami")
    shop.app.test_client().get("/api/v1/hello")
    assert [line["actor"] for line in lines(out)] == [ANA.id, None]


@pytest.fixture
def shop(tmp_path: Any) -> Iterator[Demo]:
    with demo(f"sqlite:///{tmp_path / 'demo.db'}") as running:
        yield running
