"""Records of imports, so that a whole import can be taken back.

Every import of goals and check-ins keeps a file of JSON lines where it runs: what it is about to write, before it
writes it, with what was there before, and what came of it (`journal`). Whatever kills the import, the record knows
everything that may have been written. Taking back (`judging`, `undoing`) compares the record with what is there now:
what people have changed since stays.
"""
