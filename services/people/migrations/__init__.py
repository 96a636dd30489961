"""Revisions of the people service's tables."""
