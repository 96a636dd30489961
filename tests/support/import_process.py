"""A worker of people at its imports, to be killed: `python -m tests.support.import_process DATABASE`."""

import sys

from chassis.db import Database
from chassis.service import Runtime
from services.people.app import service
from services.people.uploads import running


def main(database: str) -> None:
    running.run(Runtime(service(), Database(database)))


if __name__ == "__main__":
    main(*sys.argv[1:])
