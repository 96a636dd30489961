"""The revisions of the feedback database."""
