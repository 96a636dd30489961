"""Schema revisions of the check-ins service."""
