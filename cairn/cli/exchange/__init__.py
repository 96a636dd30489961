"""Filling a Cairn from files and writing it to files: `cairn import` and `cairn export`."""

from cairn.cli.exchange import exporting, okrs, people, praise, records
from cairn.cli.exchange.groups import export, import_

__all__ = ["export", "exporting", "import_", "okrs", "people", "praise", "records"]
