"""PostgreSQL's programs on this machine, and the user they run as: the server refuses to be root."""

import os
import shutil
from pathlib import Path

from deploy import debian
from deploy.debian import Unavailable


def find_or_install() -> Path:
    """The folder of initdb and postgres, the newest there is; on Debian as root they are installed if missing.

    Raises Unavailable.
    """
    found = _find()
    if found is None:
        debian.install("postgresql")
        found = _find()
    if found is None:
        raise Unavailable("no initdb on PATH or in /usr/lib/postgresql/*/bin")
    return found


def as_owner(folder: Path) -> list[str]:
    """What stands before a command so that the owner of the data runs it: as root postgres, who gets `folder`."""
    if os.geteuid() != 0:
        return []
    give(folder)
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]


def give(path: Path) -> None:
    """Make a file or folder the owner's. Nothing to do where we are the owner ourselves."""
    if os.geteuid() != 0:
        return
    try:
        shutil.chown(path, "postgres", "postgres")
    except LookupError as error:
        raise Unavailable("running as root, and there is no user postgres to run it as") from error


def _find() -> Path | None:
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(versions, key=lambda path: int(path.parts[4]) if path.parts[4].isdigit() else 0)
    if newest:
        return newest[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None
