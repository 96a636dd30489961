"""Aggregated reads: each answers one question from the read model, in a few statements whatever the size."""
