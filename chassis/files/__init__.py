"""Files that people bring and take: tables read from whatever form they have, and written so that no formula runs.

Begin with `read_book`; it knows a form by its content, never by its name, and trusts nothing in it.
"""

from chassis.files.book import LIMITS, Book, Limits, Record, Sheet, Unreadable
from chassis.files.reading import read_book
from chassis.files.writing import guarded, unguarded, write_csv, write_xlsx

__all__ = [
    "LIMITS",
    "Book",
    "Limits",
    "Record",
    "Sheet",
    "Unreadable",
    "guarded",
    "read_book",
    "unguarded",
    "write_csv",
    "write_xlsx",
]
