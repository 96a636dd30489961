"""A real mail server on loopback that behaves as a test wants: takes, puts off, refuses, hangs."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Behaviour:
    """How the server answers. Each answer stays until the test changes it; None means to go along."""

    to_recipient: str | None = None
    to_data: str | None = None
    to_sender: str | None = None
    only: str | None = None
    """The recipient the answers are meant for; everybody if None."""
    hang_after_data: bool = False
    """Keep the letter and say nothing, as a server whose line broke."""
    taken: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0

    def letters(self) -> list[EmailMessage]:
        """What was taken, parsed."""
        return [message_from_bytes(data, policy=policy.default) for data in self.taken]

    def _means(self, address: str) -> bool:
        return self.only is None or self.only == address

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.connections += 1
        if self.to_sender is not None:
            return self.to_sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_recipient is not None and self._means(address):
            return self.to_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.to_data is not None and self._means(envelope.rcpt_tos[0]):
            return self.to_data
        self.taken.append(bytes(envelope.content or b""))
        self.recipients += envelope.rcpt_tos
        if self.hang_after_data and self._means(envelope.rcpt_tos[0]):
            await asyncio.Event().wait()
        return "250 taken"


@contextmanager
def mail_server(port: int = 0) -> Iterator[tuple[Behaviour, str]]:
    """A running server: how it behaves, and its address for the settings."""
    behaviour, loop = Behaviour(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> asyncio.Server:
        return await loop.create_server(lambda: SMTP(behaviour, loop=loop, enable_SMTPUTF8=True), "127.0.0.1", port)

    async def stop() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield behaviour, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
