"""What docker-compose.yml says, with its variables filled in as Docker Compose fills them."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_VARIABLE = re.compile(r"\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])([^}]*))?\})")


class ComposeError(Exception):
    """The file, or what it needs, is wrong; the text says what and how to mend it."""


@dataclass(frozen=True, slots=True)
class Container:
    """One service of the file."""

    name: str
    image: str
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)
    """The services that come first, and the condition each must meet."""
    probe: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()

    @property
    def once(self) -> bool:
        """Whether it is to end by itself."""
        return self.name in ("migrate", "topics")


def read(path: Path, environment: Mapping[str, str], profiles: Collection[str]) -> dict[str, Container]:
    """The services of these profiles, by name. Raises ComposeError."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    services = filled(document["services"], environment)
    return {
        name: _container(name, one)
        for name, one in services.items()
        if not one.get("profiles") or set(one["profiles"]) & set(profiles)
    }


def variables(path: Path) -> dict[str, str]:
    """The variables of a .env file. Raises ComposeError where there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as fault:
        raise ComposeError(f"There is no {path}. Write it with: python -m deploy.environment {path}") from fault
    pairs = (line.partition("=") for line in lines if line.strip() and not line.lstrip().startswith("#"))
    return {name.strip(): _unquoted(value.strip()) for name, _, value in pairs}


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def filled(value: Any, environment: Mapping[str, str]) -> Any:
    """The document with its variables replaced. Raises ComposeError for a missing one that `:?` demands."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _replacement(match, environment), value)
    if isinstance(value, list):
        return [filled(one, environment) for one in value]
    if isinstance(value, dict):
        return {name: filled(one, environment) for name, one in value.items()}
    return value


def _replacement(match: re.Match[str], environment: Mapping[str, str]) -> str:
    if match.group() == "$$":
        return "$"
    name, operator, word = match.group(1) or match.group(2), match.group(3) or "", match.group(4) or ""
    value = environment.get(name)
    absent = value is None or (operator.startswith(":") and not value)
    if operator.endswith("?") and absent:
        raise ComposeError(f"{name} is not set: {word or 'docker-compose.yml needs it'}.")
    if operator.endswith("+"):
        return "" if absent else word
    return word if absent and operator else value or ""


def _container(name: str, said: Mapping[str, Any]) -> Container:
    needs = said.get("depends_on", {})
    environment = said.get("environment") or {}
    probe = said.get("healthcheck", {}).get("test", [])
    return Container(
        name=name,
        image=said["image"],
        command=tuple(said.get("command", ())),
        environment={key: _scalar(value) for key, value in environment.items()},
        needs={other: how["condition"] for other, how in needs.items()},
        probe=tuple(probe),
        ports=tuple(map(str, said.get("ports", ()))),
        volumes=tuple(said.get("volumes", ())),
    )


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
