"""The loop that sends: claim a few letters, talk to the mail server, mark each as soon as its answer is in."""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from email.utils import parseaddr

from chassis import metrics
from chassis.failpoints import failpoint
from chassis.service import Runtime
from chassis.unit import Unit, unit_of_work
from services.notifications import rules
from services.notifications.mail import desk
from services.notifications.mail.desk import Claimed
from services.notifications.mail.letter import BadAddress, compose
from services.notifications.mail.settings import MailSettings, Server
from services.notifications.mail.smtp import TIMEOUT, AwayError, Connection, Later, Never, Outcome

BATCH = 20
BUDGET = timedelta(seconds=30)
"""No further letter is begun after this long; what is left is given back."""

log = logging.getLogger(__name__)


class Sender:
    """Sends what is due. Two of them at once share the letters; none is sent by both while its claim lasts."""

    def __init__(self, mail: MailSettings | None, timeout: float = TIMEOUT) -> None:
        self._mail = mail
        self._timeout = timeout

    def run(self, runtime: Runtime) -> None:
        """Send one batch. Without a mail server everything that waits is held back."""
        server = self._mail.server if self._mail is not None else None
        if self._mail is None or server is None:
            with _unit(runtime) as unit:
                desk.hold_back_all(unit, "no SMTP is configured")
            return
        with _unit(runtime) as unit:
            claimed = desk.claim(unit, BATCH)
        if claimed:
            failpoint("mail.after_claim_before_send")
            self._send_all(runtime, self._mail, server, claimed)

    def _send_all(self, runtime: Runtime, mail: MailSettings, server: Server, claimed: Sequence[Claimed]) -> None:
        try:
            with Connection(server, parseaddr(mail.sender)[1], self._timeout) as connection:
                left = self._send_until_broken(runtime, mail, connection, claimed)
        except AwayError as away:
            log.warning("mail waits, the server is away: %s", away)
            metrics.DELIVERIES.labels(rules.EMAIL, "away").inc(len(claimed))
            _give_back(runtime, claimed, rules.AWAY_PAUSE, f"the mail server is away: {away}")
        else:
            _give_back(runtime, left, timedelta(), "the connection broke before its turn")

    def _send_until_broken(
        self, runtime: Runtime, mail: MailSettings, connection: Connection, claimed: Sequence[Claimed]
    ) -> Sequence[Claimed]:
        """Send one after the other; answers those that were not begun."""
        began = runtime.clock()
        for place, one in enumerate(claimed):
            if runtime.clock() - began > BUDGET:
                return claimed[place:]
            outcome = _send(runtime, mail, connection, one)
            failpoint("mail.after_send_before_mark")
            with _unit(runtime) as unit:
                status = desk.settle(unit, one, outcome)
            metrics.DELIVERIES.labels(rules.EMAIL, "later" if status == rules.PENDING else status).inc()
            log.info("letter handled", extra={"delivery_id": one.delivery_id, "status": status})
            if isinstance(outcome, Later) and outcome.broken:
                return claimed[place + 1 :]
        return ()


def _send(runtime: Runtime, mail: MailSettings, connection: Connection, one: Claimed) -> Outcome:
    try:
        message = compose(one.letter, mail, runtime.clock())
    except BadAddress as fault:
        return Never(str(fault), address=True)
    return connection.send(message, one.email)


def _give_back(runtime: Runtime, claimed: Sequence[Claimed], pause: timedelta, reason: str) -> None:
    if claimed:
        with _unit(runtime) as unit:
            desk.give_back(unit, [one.delivery_id for one in claimed], pause, reason)


def _unit(runtime: Runtime) -> AbstractContextManager[Unit]:
    return unit_of_work(runtime.db, clock=runtime.clock)
