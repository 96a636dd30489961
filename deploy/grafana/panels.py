"""Panels and dashboards as Grafana reads them. A panel is 8 of 24 columns wide; rows are filled from the left."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

SOURCE = {"type": "prometheus", "uid": "prometheus"}
COLUMNS, WIDTH, HEIGHT = 24, 8, 8
Row = tuple[str, Sequence["Panel"]]


@dataclass(frozen=True)
class Panel:
    """One picture. `queries` maps legends to expressions; `bad` is the value from which on it is drawn red."""

    title: str
    worry: str
    """What it shows where the title does not say, and when to worry."""
    unit: str
    """Grafana's own name of it: s, ops, reqps, percentunit, short."""
    queries: dict[str, str]
    bad: float | None = None
    kind: str = "timeseries"
    options: dict[str, Any] = field(default_factory=dict)


def number(title: str, worry: str, unit: str, query: str, bad: float) -> Panel:
    """A single figure, green or red."""
    return Panel(title, worry, unit, {"": query}, bad, "stat", {"colorMode": "background", "graphMode": "area"})


def table(title: str, worry: str, query: str) -> Panel:
    """The series that there are now, one a line."""
    return Panel(title, worry, "short", {"": query}, kind="table")


def dashboard(uid: str, title: str, rows: Sequence[Row]) -> dict[str, Any]:
    """A dashboard of these rows, each under its heading."""
    panels: list[dict[str, Any]] = []
    top = 0
    for heading, row in rows:
        panels.append(_heading(len(panels) + 1, heading, top))
        top += 1
        for index, panel in enumerate(row):
            place = {
                "x": index * WIDTH % COLUMNS,
                "y": top + index * WIDTH // COLUMNS * HEIGHT,
                "w": WIDTH,
                "h": HEIGHT,
            }
            panels.append(_drawn(len(panels) + 1, panel, place))
        top += -(-len(row) * WIDTH // COLUMNS) * HEIGHT
    link = {"type": "dashboards", "title": "Cairn", "tags": ["cairn"], "asDropdown": True, "keepTime": True}
    return {
        "uid": uid,
        "title": title,
        "tags": ["cairn"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "links": [link],
        "templating": {"list": []},
        "panels": panels,
    }


def _heading(number_: int, title: str, top: int) -> dict[str, Any]:
    place = {"x": 0, "y": top, "w": COLUMNS, "h": 1}
    return {"id": number_, "type": "row", "title": title, "collapsed": False, "gridPos": place, "panels": []}


def _drawn(number_: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    at_once = panel.kind != "timeseries"
    return {
        "id": number_,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.worry,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": panel.options,
        "targets": [_target(index, query, at_once) for index, query in enumerate(panel.queries.items())],
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    defaults: dict[str, Any] = {"unit": panel.unit, "min": 0}
    if panel.bad is not None:
        steps = [{"color": "green", "value": None}, {"color": "red", "value": panel.bad}]
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
        defaults["custom"] = {"thresholdsStyle": {"mode": "line"}} if panel.kind == "timeseries" else {}
    return defaults


def _target(index: int, query: tuple[str, str], at_once: bool) -> dict[str, Any]:
    legend, expression = query
    said = {"refId": "ABCDEFGH"[index], "datasource": SOURCE, "expr": expression, "legendFormat": legend}
    return said | ({"instant": True, "range": False, "format": "table"} if at_once else {})
