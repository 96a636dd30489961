"""The sender as it really runs: by the worker's clockwork, two at once, and killed in the middle."""

import os
import signal
import subprocess
import sys
import threading
from typing import cast

import pytest
from sqlalchemy.engine import URL

from chassis.bus import Bus
from chassis.worker import Worker
from services.notifications.app import service
from services.notifications.mail import desk
from tests.support.hosted import Hosted
from tests.support.notifications import BEN, MINUTE, letters, mailing, notifications_service, praise, send, want_email
from tests.support.smtp import Behaviour

Smtp = tuple[Behaviour, str]


def sender_process(running: Hosted, url: str, failpoint: str = "") -> int:
    """Run one sender to its end, wherever that is; its exit code."""
    database: URL = running.runtime.db.url
    arguments = [database.render_as_string(hide_password=False), url, running.clock().isoformat()]
    environment = os.environ | ({"CAIRN_FAILPOINT": failpoint} if failpoint else {})
    command = [sys.executable, "-m", "tests.support.notifications", *arguments]
    return subprocess.run(command, env=environment, timeout=60, check=False).returncode


@pytest.mark.slow
@pytest.mark.parametrize(
    ("failpoint", "taken", "repeated"),
    [("mail.after_claim_before_send:kill", 0, 0), ("mail.after_send_before_mark:kill@2", 2, 1)],
)
def test_a_killed_sender_loses_nothing_and_repeats_at_most_the_letter_in_hand(
    notifications: Hosted, smtp: Smtp, failpoint: str, taken: int, repeated: int
) -> None:
    server, url = smtp
    want_email(notifications)
    notifications.tell(*(praise() for _ in range(4)))

    assert sender_process(notifications, url, failpoint) == -signal.SIGKILL
    assert sender_process(notifications, url) == 0
    before = len(server.taken)
    notifications.clock.advance(desk.CLAIM + MINUTE)
    assert sender_process(notifications, url) == 0

    assert before == taken, "claims of the dead are respected until they run out"
    assert [letter.status for letter in letters(notifications)] == ["sent"] * 4
    ids = [message["Message-ID"] for message in server.letters()]
    assert sorted(set(ids)) == sorted(letter.message_id for letter in letters(notifications))
    assert len(ids) == 4 + repeated


def test_two_senders_at_once_share_the_letters(notifications: Hosted, smtp: Smtp) -> None:
    server, url = smtp
    want_email(notifications)
    notifications.tell(*(praise() for _ in range(30)))

    threads = [threading.Thread(target=send, args=(notifications, mailing(url))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len({message["Message-ID"] for message in server.letters()}) == len(server.taken) == 30


def test_the_worker_sends_by_itself_every_few_seconds(database_url: str, smtp: Smtp) -> None:
    server, url = smtp
    with notifications_service(database_url, mailing(url)) as running:
        (task,) = running.runtime.service.tasks
        worker = Worker(running.runtime, cast(Bus, None))
        want_email(running)
        running.tell(praise())

        assert worker.run_if_due(task) is True
        running.tell(praise())
        assert worker.run_if_due(task) is False, "it has just run"
        running.clock.advance(MINUTE)
        assert worker.run_if_due(task) is True

        assert len(server.taken) == 2


def test_the_worker_holds_letters_back_where_no_server_is_named(quick: Hosted) -> None:
    want_email(quick, BEN)
    quick.tell(praise())
    (task,) = service().tasks

    assert Worker(quick.runtime, cast(Bus, None)).run_if_due(task) is True

    assert [letter.status for letter in letters(quick)] == ["suppressed"]
