"""`python -m deploy.grafana` writes the dashboards that Grafana reads."""

import json
from pathlib import Path
from typing import Any

from deploy.grafana.dashboards import every

FOLDER = Path(__file__).resolve().parent / "dashboards"


def text(board: dict[str, Any]) -> str:
    """A dashboard as its file holds it."""
    return json.dumps(board, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every dashboard, and take away what is none any more."""
    boards = every()
    for stale in {path.name for path in FOLDER.glob("*.json")} - boards.keys():
        (FOLDER / stale).unlink()
    for name, board in boards.items():
        (FOLDER / name).write_text(text(board), encoding="utf-8")


if __name__ == "__main__":
    main()
