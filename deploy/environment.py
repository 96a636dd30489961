"""`python -m deploy.environment [FILE]` writes the .env that docker-compose.yml reads, with fresh secrets.

A file that is there already is left alone: its passwords are those of databases that may hold something.
"""

import os
import secrets
import sys
from pathlib import Path

from chassis.identity import generate_keys

EXAMPLE = Path(__file__).resolve().parents[1] / ".env.example"


def filled(example: str) -> str:
    """The example with every `<random>` replaced by a secret of its own and the keys by a fresh pair."""
    private, public = generate_keys()
    lines = []
    for line in example.splitlines():
        line = line.replace("<private key>", f"'{private}'").replace("<public keys>", f"'{public}'")
        lines.append(line.replace("<random>", secrets.token_urlsafe(24)))
    return "\n".join(lines) + "\n"


def write(path: Path) -> bool:
    """Write the file, readable by its owner only; False where it exists."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(filled(EXAMPLE.read_text(encoding="utf-8")))
    return True


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ".env")
    sys.stdout.write(f"{target} {'is written' if write(target) else 'is there already and stays as it is'}\n")
