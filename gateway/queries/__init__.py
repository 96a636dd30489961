"""Aggregated reads: each answers one question from the read model, in a few statements whatever the size.

Statements are built once and kept: building one and working out its cache key costs several times what the database
takes to answer it.
"""
