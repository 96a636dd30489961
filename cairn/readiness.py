"""Whether a part's database is there and up to date, and what to do where it is not.

It loads little: a web process must decide where its metrics lie before anything imports them.
"""

from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from cairn.connect import NotReady
from chassis.migrate import pending
from chassis.service import Runtime


def unready(part: Runtime) -> str:
    """What stands in the way, with what to do; empty where nothing does. Makes no file that is not there."""
    return _absent(part) or "; ".join(pending(part.db, part.service))


def require_ready(part: Runtime) -> None:
    """Raises NotReady, with what to do, where a part's database is not there or not up to date."""
    if reason := unready(part):
        raise NotReady(reason)


def reason_of(fault: SQLAlchemyError) -> str:
    """The first line of what a database driver says, short enough for a table."""
    return str(getattr(fault, "orig", None) or fault).splitlines()[0][:120]


def _absent(part: Runtime) -> str:
    path = Path(part.db.url.database or "")
    if not part.db.sqlite or path.exists():
        return ""
    return f"no database in {path.parent} yet; `cairn migrate` makes it. If Cairn runs elsewhere, set CAIRN_DATA"
