"""One OpenAPI document of everything: the gateway's own operations and those of the services, told apart by
`x-cairn-service`. Components that differ under one name get the service's name in front."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.proxy.operations import METHODS, SERVICE

PUBLIC = "/api/v1/"
TITLE = "Cairn"
ABOUT = (
    "Objectives and key results, check-ins and feedback. Every failure is a problem document (RFC 9457); lists come "
    "in pages; a write answers a `Cairn-Consistency` token, and a read that carries it sees that write."
)
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API token (`cairn_…`), or an access token of the organisation's identity provider.",
}

Document = dict[str, Any]


def merge(own: Mapping[str, Any], documents: Mapping[str, Mapping[str, Any]]) -> Document:
    """The public document. Raises ValueError where two parts answer the same operation or give it the same name."""
    merged: Document = {
        "openapi": own["openapi"],
        "info": {"title": TITLE, "version": own["info"]["version"], "description": ABOUT},
        "security": [{"bearer": []}],
        "tags": [],
        "paths": {},
        "components": {},
    }
    for name, document in [("gateway", own), *sorted(documents.items())]:
        _add(merged, name, _renamed(document, _renamings(merged, name, document)))
    merged["components"]["securitySchemes"] = {"bearer": BEARER}
    _require_distinct_names(merged)
    return merged


def _renamings(merged: Document, part: str, document: Mapping[str, Any]) -> dict[str, str]:
    """New references by old ones, for components that would collide with different ones of the same name."""
    return {
        f"#/components/{kind}/{name}": f"#/components/{kind}/{part.capitalize()}{name}"
        for kind, name, component in _components(document)
        if merged["components"].get(kind, {}).get(name, component) != component
    }


def _components(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for kind, components in document.get("components", {}).items():
        if kind != "securitySchemes":
            for name, component in components.items():
                yield kind, name, component


def _renamed(document: Mapping[str, Any], renamings: Mapping[str, str]) -> Document:
    changed: Document = _with_references(json.loads(json.dumps(document)), renamings)
    for old, new in renamings.items():
        _, _, kind, name = old.split("/")
        components = changed["components"][kind]
        components[new.rpartition("/")[2]] = components.pop(name)
    return changed


def _with_references(value: Any, renamings: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_with_references(item, renamings) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: renamings.get(inner, inner)
        if name == "$ref" and isinstance(inner, str)
        else _with_references(inner, renamings)
        for name, inner in value.items()
    }


def _add(merged: Document, part: str, document: Document) -> None:
    for kind, name, component in _components(document):
        merged["components"].setdefault(kind, {})[name] = component
    known = {tag["name"] for tag in merged["tags"]}
    merged["tags"] += [tag for tag in document.get("tags", []) if tag["name"] not in known]
    for path, item in document["paths"].items():
        if path.startswith(PUBLIC):
            _add_path(merged["paths"].setdefault(path, {}), part, path, item)


def _add_path(target: Document, part: str, path: str, item: Document) -> None:
    shared = item.get("parameters", [])
    for method in METHODS:
        if method not in item:
            continue
        if method in target:
            raise ValueError(f"{method.upper()} {path} is answered by {part} and by another part")
        operation = dict(item[method])
        if shared:
            operation["parameters"] = [*shared, *operation.get("parameters", [])]
        target[method] = operation if part == "gateway" else {**operation, SERVICE: part}


def _require_distinct_names(merged: Document) -> None:
    seen: dict[str, str] = {}
    for path, item in merged["paths"].items():
        for method, operation in item.items():
            name = operation.get("operationId", f"{method} {path}")
            if name in seen:
                raise ValueError(f"{method.upper()} {path} and {seen[name]} are both called {name}")
            seen[name] = f"{method.upper()} {path}"
