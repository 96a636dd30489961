"""What the gateway forwards: the operations of the merged OpenAPI document that name a service, and nothing else."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from chassis.http.pipeline import LARGEST_BODY

DOCUMENT = Path(__file__).resolve().parents[1] / "openapi.json"
SERVICE = "x-cairn-service"
METHODS = ("get", "post", "put", "patch", "delete")
IMPORTS = "/api/v1/imports"
LARGEST_IMPORT = 20 << 20
READ_SECONDS, WRITE_SECONDS, IMPORT_SECONDS = 2.0, 10.0, 30.0
"""How long a service may take. Who reads may ask again; a write is waited for, as it may be done all the same."""
_PARAMETER = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, slots=True)
class Operation:
    service: str
    name: str
    method: str
    rule: str
    """The path as Flask's router takes it."""
    largest: int = LARGEST_BODY
    """Bytes a body may have."""
    seconds: float = WRITE_SECONDS
    """How long the service may take."""


def committed(path: Path = DOCUMENT) -> list[Operation]:
    """The operations of the committed document; none before it was first written."""
    return list(operations(msgspec.json.decode(path.read_bytes()))) if path.exists() else []


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Every operation of a document that belongs to a service."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            found = item.get(method)
            if found is not None and SERVICE in found:
                parameters = [*item.get("parameters", ()), *found.get("parameters", ())]
                yield _operation(path, method.upper(), found, parameters)


def _operation(path: str, method: str, found: Mapping[str, Any], parameters: list[Mapping[str, Any]]) -> Operation:
    ids = {one["name"] for one in parameters if one.get("in") == "path" and one["schema"].get("format") == "uuid"}
    rule = _PARAMETER.sub(lambda name: f"<{'uuid' if name[1] in ids else 'string'}:{name[1]}>", path)
    seconds = READ_SECONDS if method == "GET" else WRITE_SECONDS
    size, seconds = (LARGEST_IMPORT, IMPORT_SECONDS) if path.startswith(IMPORTS) else (LARGEST_BODY, seconds)
    return Operation(found[SERVICE], found.get("operationId", f"{method} {path}"), method, rule, size, seconds)
