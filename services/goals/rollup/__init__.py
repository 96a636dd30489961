"""The roll-up: everything above what a unit has marked is computed once, before the unit commits.

Marked are key results and objectives whose readings, definition, children or state changed. Their ancestors are
found in one query, locked in one order, computed together by the rules, and only what changed is written and told.
Every value follows from the present state of the children, so repeats and reordering change nothing. Closed
objectives and their key results keep what they had. Rows, not models: this is the hot path.
"""
