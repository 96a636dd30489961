"""The routes of the people service."""
