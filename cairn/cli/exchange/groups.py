"""The two groups of commands: `cairn import` and `cairn export`."""

import click


@click.group("import")
def import_() -> None:
    """Bring people, goals, check-ins and praise in from files.

    \b
    The way in:  cairn import people people.csv --teams teams.csv
                 cairn import okrs okrs.csv
                 cairn import check-ins check-ins.csv
                 cairn import okrs okrs.csv --close      (where the file calls objectives closed)
                 cairn import praise praise.csv

    A file is judged as a whole before anything is written, and may be imported again and again: what is there
    already is recognised by its external id. `cairn import undo` takes an import of goals or check-ins back. The
    token is read from CAIRN_TOKEN; `cairn token` issues one. The layouts are described in docs/import.md.
    """


@click.group("export")
def export() -> None:
    """Write what Cairn has to files that `cairn import` takes back. The token is read from CAIRN_TOKEN."""
