"""Revisions of the tables of the goals service."""
