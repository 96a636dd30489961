"""HTTP as services see it: what `api.py` and `schemas.py` import. `chassis.http.app.build` makes the application."""

from chassis.http import fields
from chassis.http.blueprint import Blueprint, public, reads, writes
from chassis.http.call import actor, expected, session, tagged, unit, with_header
from chassis.http.pages import Page, PageArgs, page_args, page_of, paged
from chassis.http.schema import Schema
from chassis.http.tags import Expected, tag_of

__all__ = [
    "Blueprint",
    "Expected",
    "Page",
    "PageArgs",
    "Schema",
    "actor",
    "expected",
    "fields",
    "page_args",
    "page_of",
    "paged",
    "public",
    "reads",
    "session",
    "tag_of",
    "tagged",
    "unit",
    "with_header",
    "writes",
]
