"""Settings: from the environment only, all checked at start, every mistake told at once with what to do about it.

`FIELDS` is the single list of them; the frozen `Settings`, the checks and the documentation all follow it. A secret
may come from a file instead, named by the same variable with `_FILE` behind it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contracts.registry import OWNERS

PARTS = (*OWNERS, "gateway")
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
PLACEHOLDER = re.compile(
    r"(change|replace)[-_ ]?(me|it|this)|<[^>]*>|^(secret|password|passwort|example|todo|xxx+|\*+)$", re.IGNORECASE
)
ALLOWED_BESIDES = re.compile(r"CAIRN_(URL|TOKEN|TOKEN_FILE|SHARED_DATA|FAILPOINT|TEST_.*|REQUIRE_.*)")
"""Variables of clients, tests and failpoints: not settings of a server, and no mistakes either."""


class SettingsError(Exception):
    """One or more settings are wrong; `problems` has a sentence for each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def setting(
    name: str, meaning: str, parse: Callable[[str], Any], default: Any = None, *, shown: str = "", secret: bool = False
) -> Any:
    """A field of Settings: its variable, what it means, how it is read, and what holds without it."""
    facts = {"name": name, "meaning": meaning, "parse": parse, "secret": secret, "shown": shown}
    return field(default=default, repr=not secret, metadata=facts)


def _text(value: str) -> str:
    return value


def _folder(value: str) -> Path:
    return Path(value).expanduser()


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(value)

    return parse


def _matching(pattern: str, otherwise: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(otherwise)
        return value

    return parse


def _secret(shortest: int) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if PLACEHOLDER.search(value):
            raise ValueError("still has a placeholder; put the real secret there")
        if len(value) < shortest:
            raise ValueError(f"is too short; use at least {shortest} random characters")
        return value

    return parse


def _database(value: str) -> str:
    """A SQLAlchemy URL; PostgreSQL is always reached through psycopg."""
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in ("sqlite", "postgres", "postgresql", "postgresql+psycopg"):
        raise ValueError("must be postgresql://user:password@host:port/name or sqlite:///path")
    if scheme != "sqlite":
        _no_placeholder(value.replace("{service}", "service"))
    return f"sqlite://{rest}" if scheme == "sqlite" else f"postgresql+psycopg://{rest}"


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not parts.hostname or re.search(r"\s", value):
            raise ValueError(f"must be an address such as {schemes[0]}://host")
        _ = parts.port  # ValueError where it is no port
        _no_placeholder(value)
        return value.rstrip("/")

    return parse


def _no_placeholder(url: str) -> None:
    password = urlsplit(url).password
    if password is not None and PLACEHOLDER.search(password):
        raise ValueError("still has a placeholder as its password; put the real one there")


def _issuer(value: str) -> str:
    """Compared with tokens letter by letter, so it is kept as it stands."""
    parts = urlsplit(value)
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        raise ValueError("must be an https address; http is for localhost only")
    return value


def _algorithms(value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(",") if name.strip())
    unknown = sorted(set(names) - ALGORITHMS)
    if unknown or not names:
        raise ValueError(f"may name {', '.join(sorted(ALGORITHMS))}, not {', '.join(unknown) or 'nothing'}")
    return names


def _level(value: str) -> str:
    if value.upper() not in LEVELS:
        raise ValueError(f"must be one of {', '.join(LEVELS)}")
    return value.upper()


_BROKERS = _matching(r"[^\s,:]+:[0-9]{1,5}(,[^\s,:]+:[0-9]{1,5})*", "must be host:port, several joined by commas")
_PREFIX = _matching(r"[A-Za-z0-9._-]{1,60}", "may have letters, digits, dots, dashes and underscores, 60 at most")
_MAIL = _matching(r"[^@\r\n]+@[^@\s]+", "must be an e-mail address, with or without a name before it")


@dataclass(frozen=True)
class Settings:
    """What a process was told. Make it with `load`."""

    data: Path = setting(  # noqa: RUF009 - it makes a field, as `field` does
        "CAIRN_DATA", "Folder of the embedded files.", _folder, Path(".cairn"), shown=".cairn"
    )
    database: str | None = setting(
        "CAIRN_DATABASE_URL",
        "Database URL; `{service}` stands for the part's name. Without it, SQLite files in the data folder.",
        _database,
        secret=True,
    )
    kafka: str = setting(
        "CAIRN_KAFKA", "Kafka brokers, host:port joined by commas; empty means the embedded bus.", _BROKERS, ""
    )
    topic_prefix: str = setting("CAIRN_TOPIC_PREFIX", "Put before every topic name and consumer group.", _PREFIX, "")
    partitions: int = setting("CAIRN_PARTITIONS", "Partitions of a topic when it is made.", _whole(1, 1000), 6)
    host: str = setting("CAIRN_HOST", "Address to listen on.", _text, "127.0.0.1")
    port: int = setting("CAIRN_PORT", "Port of the web process.", _whole(0, 65535), 8080)
    ops_port: int = setting("CAIRN_OPS_PORT", "Port of a worker's health and metrics.", _whole(0, 65535), 9090)
    web_workers: int = setting("CAIRN_WEB_WORKERS", "Processes of a web part.", _whole(1, 256), 2)
    internal_private_key: str | None = setting(
        "CAIRN_INTERNAL_PRIVATE_KEY", "The gateway's signing key, a JWK.", _secret(40), secret=True
    )
    internal_public_keys: str | None = setting(
        "CAIRN_INTERNAL_PUBLIC_KEYS", "The keys services trust, a JWKS.", _secret(40), secret=True
    )
    oidc_issuer: str | None = setting(
        "CAIRN_OIDC_ISSUER", "The identity provider, exactly as its tokens name it.", _issuer
    )
    oidc_audience: str | None = setting("CAIRN_OIDC_AUDIENCE", "The audience its tokens must have.", _text)
    oidc_algorithms: tuple[str, ...] = setting(
        "CAIRN_OIDC_ALGORITHMS",
        "Signature algorithms its tokens may use.",
        _algorithms,
        ("RS256", "ES256", "EdDSA"),
        shown="RS256,ES256,EdDSA",
    )
    oidc_jwks_url: str | None = setting(
        "CAIRN_OIDC_JWKS_URL", "Where its keys are, if its discovery document shall not be asked.", _issuer
    )
    smtp_url: str | None = setting(
        "CAIRN_SMTP_URL",
        "Mail server: smtp://user:password@host:port, or smtps://. Without it no mail is sent.",
        _url("smtp", "smtps"),
        secret=True,
    )
    mail_from: str | None = setting("CAIRN_MAIL_FROM", "Sender of mails.", _MAIL)
    public_url: str | None = setting(
        "CAIRN_PUBLIC_URL", "Where people reach Cairn; links in mails begin with it.", _url("https", "http")
    )
    log_level: str = setting("CAIRN_LOG_LEVEL", f"One of {', '.join(LEVELS)}.", _level, "INFO")
    cursor_secret: str | None = setting(
        "CAIRN_CURSOR_SECRET", "Signs page cursors; the same in all processes of a part.", _secret(16), secret=True
    )
    outbox_retention_days: int = setting(
        "CAIRN_OUTBOX_RETENTION_DAYS", "Days published events stay in the outbox, for repair.", _whole(1, 3650), 7
    )
    import_files_days: int = setting(
        "CAIRN_IMPORT_FILES_DAYS",
        "Days the files of finished imports stay, with the result of every row; the summary stays for good.",
        _whole(1, 3650),
        30,
    )
    databases: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Database URLs of single parts, by name."""
    services: Mapping[str, str] = field(default_factory=dict)
    """Where the gateway finds each service, by name."""

    def database_url(self, part: str) -> str | None:
        """The database of a part; None where it shall be a file in the data folder."""
        template = self.databases.get(part, self.database)
        return None if template is None else template.replace("{service}", part)

    def service_url(self, service: str) -> str | None:
        """Where the gateway reaches a service; None where that was not said."""
        return self.services.get(service)


FIELDS = tuple(item for item in fields(Settings) if item.metadata)
_OF_PARTS = {
    **{f"CAIRN_{part.upper()}_DATABASE_URL": ("databases", part, _database) for part in PARTS},
    **{f"CAIRN_{part.upper()}_URL": ("services", part, _url("http", "https")) for part in OWNERS},
}
_SECRETS = frozenset({item.metadata["name"] for item in FIELDS if item.metadata["secret"]}) | {
    name for name, (kind, _, _) in _OF_PARTS.items() if kind == "databases"
}
_KNOWN = (
    frozenset({item.metadata["name"] for item in FIELDS}) | _OF_PARTS.keys() | {f"{name}_FILE" for name in _SECRETS}
)


def load(environ: Mapping[str, str]) -> Settings:
    """Read all settings. Raises SettingsError naming everything that is wrong; empty variables count as not set."""
    problems = _unknown(environ)
    values: dict[str, Any] = {"databases": {}, "services": {}}
    for item in FIELDS:
        if (value := _value(environ, item.metadata["name"], item.metadata["parse"], problems)) is not None:
            values[item.name] = value
    for name, (kind, part, parse) in _OF_PARTS.items():
        if (value := _value(environ, name, parse, problems)) is not None:
            values[kind][part] = value
    read = Settings(**values)
    problems += _contradictions(read)
    if problems:
        raise SettingsError(problems)
    return read


def _unknown(environ: Mapping[str, str]) -> list[str]:
    problems = []
    for name in sorted(environ):
        if name.startswith("CAIRN_") and name not in _KNOWN and not ALLOWED_BESIDES.fullmatch(name):
            close = get_close_matches(name, sorted(_KNOWN), n=1)
            hint = f"Did you mean {close[0]}?" if close else "Unset it."
            problems.append(f"{name} is not a setting. {hint}")
    return problems


def _value(environ: Mapping[str, str], name: str, parse: Callable[[str], Any], problems: list[str]) -> Any:
    try:
        raw = _raw(environ, name)
        return None if raw is None else parse(raw)
    except ValueError as fault:
        problems.append(f"{name} {fault}.")
        return None


def _raw(environ: Mapping[str, str], name: str) -> str | None:
    path = environ.get(f"{name}_FILE", "").strip() if name in _SECRETS else ""
    value = environ.get(name, "").strip()
    if not path:
        return value or None
    if value:
        raise ValueError(f"and {name}_FILE are both set; unset one of them")
    try:
        content = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise ValueError(f"cannot be read from {path} ({name}_FILE): {type(fault).__name__}") from fault
    if not content:
        raise ValueError(f"has nothing in {path} ({name}_FILE)")
    return content


def _contradictions(read: Settings) -> list[str]:
    problems = []
    if read.oidc_issuer and not read.oidc_audience:
        problems.append("CAIRN_OIDC_AUDIENCE is missing; without it a token made for another application would do.")
    if read.smtp_url and not read.mail_from:
        problems.append("CAIRN_MAIL_FROM is missing; mails need a sender.")
    return problems


def describe() -> list[tuple[str, str, str]]:
    """Every setting as (name, meaning, default), for the documentation and its test."""
    told = [(item.metadata["name"], _meaning(item.metadata), _shown(item)) for item in FIELDS]
    told.append(("CAIRN_<PART>_DATABASE_URL", f"Database URL of one part: {', '.join(PARTS)}. Also _FILE.", ""))
    told.append(("CAIRN_<SERVICE>_URL", f"Where the gateway reaches a service: {', '.join(OWNERS)}.", ""))
    return told


def _meaning(facts: Mapping[str, Any]) -> str:
    return f"{facts['meaning']} Also {facts['name']}_FILE." if facts["secret"] else str(facts["meaning"])


def _shown(item: Any) -> str:
    if item.metadata["shown"] or item.default is None:
        return str(item.metadata["shown"])
    return str(item.default)
