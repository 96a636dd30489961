"""Where mail goes out: `smtp://user:password@host:587` (STARTTLS) or `smtps://host:465` (TLS from the start).

STARTTLS is demanded, except by a server on this machine and where the address ends in `?tls=off`.
"""

from dataclasses import dataclass, field
from email.utils import parseaddr
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    tls: str
    """at_once, starttls or off."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`url` None means that no mail goes out. Raises ValueError, saying what to write, where something is wrong."""

    url: str | None = field(repr=False)
    sender: str
    """An address, or `Name <address>`."""
    public_url: str
    """Where people reach Cairn; links in letters start with it."""

    def __post_init__(self) -> None:
        if self.url is None:
            return
        server_of(self.url)
        if "@" not in parseaddr(self.sender)[1]:
            raise ValueError("The sender of mail must be an address, such as `Cairn <okr@example.org>`.")
        if urlsplit(self.public_url).scheme not in ("http", "https"):
            raise ValueError("The public address must start with http:// or https://, such as https://okr.example.org.")

    @property
    def server(self) -> Server | None:
        return server_of(self.url) if self.url is not None else None

    def link(self, path: str) -> str:
        """The public address of a path that starts with a slash."""
        return self.public_url.rstrip("/") + path


def server_of(url: str) -> Server:
    """Read the address of a mail server. Raises ValueError, without repeating the password."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError(
            "The mail server must be smtp://host:port or smtps://host:port, with user:password@ if needed."
        )
    try:
        port = parts.port or PORTS[parts.scheme]
    except ValueError as fault:
        raise ValueError("The port of the mail server must be a number from 1 to 65535.") from fault
    user, password = (unquote(word) if word else None for word in (parts.username, parts.password))
    return Server(parts.hostname, port, _tls(parts), user, password)


def _tls(parts: SplitResult) -> str:
    asked = parse_qs(parts.query).get("tls", [""])[0]
    if parts.query and asked not in ("off", "on"):
        raise ValueError("After the ? of the mail server's address only tls=on and tls=off are known.")
    if parts.scheme == "smtps":
        return "at_once"
    if asked:
        return "off" if asked == "off" else "starttls"
    return "off" if parts.hostname in LOCAL else "starttls"
