"""The generated documents, all at once: event contracts, and the gateway's OpenAPI merged from every part."""

import json
import tempfile
from pathlib import Path
from typing import Any

from cairn import topology
from chassis.db import Database
from chassis.service import Runtime
from chassis.settings import Settings, load
from contracts import generate

OPENAPI = Path("gateway/openapi.json")


def write(root: Path) -> list[Path]:
    """Write every document that differs; answers which."""
    changed = generate.write(root)
    text = openapi()
    target = root / OPENAPI
    if not target.exists() or target.read_text() != text:
        target.write_text(text)
        changed.append(target)
    return changed


def check(root: Path) -> list[str]:
    """What differs from the code, as sentences."""
    differences = generate.check(root)
    target = root / OPENAPI
    if not target.exists() or target.read_text() != openapi():
        differences.append(f"{OPENAPI} is not what the routes say")
    return differences


def openapi() -> str:
    """The public API as one OpenAPI document, from the routes of every part."""
    from gateway.proxy.openapi import merge

    settings = load({})
    with tempfile.TemporaryDirectory() as folder:
        documents = {name: _document(name, settings, Path(folder)) for name in topology.SERVICES}
        own = _document("gateway", settings, Path(folder))
    return json.dumps(merge(own, documents), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _document(name: str, settings: Settings, folder: Path) -> dict[str, Any]:
    from chassis.http.app import document

    part = Runtime(topology.declare(name, settings), Database(f"sqlite:///{folder / name}.db"))
    try:
        return document(part)
    finally:
        part.db.dispose()
