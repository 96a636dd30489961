"""Every layout of another tool Cairn reads and writes."""

from cairn.exchange.formats.betterworks import BETTERWORKS
from cairn.exchange.formats.contract import Format
from cairn.exchange.formats.culture_amp import CULTURE_AMP
from cairn.exchange.formats.engagedly import ENGAGEDLY
from cairn.exchange.formats.mirro import MIRRO
from cairn.exchange.formats.okr_items import OKR_ITEMS
from cairn.exchange.formats.okra import OKRA
from cairn.exchange.formats.oslo import OSLO
from cairn.exchange.formats.peoplebox import PEOPLEBOX
from cairn.exchange.formats.peoplecues import PEOPLECUES
from cairn.exchange.formats.puzzle import PUZZLE
from cairn.exchange.formats.quantive import QUANTIVE
from cairn.exchange.formats.spreadsheet import TABLE
from cairn.exchange.formats.viva_explorer import VIVA_EXPLORER
from cairn.exchange.formats.viva_export import VIVA_EXPORT
from chassis.files import Book

FORMATS: tuple[Format, ...] = (
    PEOPLEBOX,
    BETTERWORKS,
    CULTURE_AMP,
    ENGAGEDLY,
    PEOPLECUES,
    OKRA,
    OKR_ITEMS,
    QUANTIVE,
    PUZZLE,
    MIRRO,
    OSLO,
    VIVA_EXPLORER,
    VIVA_EXPORT,
    TABLE,
)
"""The more particular before the more general: the first that recognises a file reads it."""


def recognised(book: Book) -> Format | None:
    """The format of a file; None where none knows it."""
    return next((one for one in FORMATS if one.recognises(book)), None)


def named(name: str) -> Format | None:
    """The format the command line calls so."""
    return next((one for one in FORMATS if one.name == name), None)
