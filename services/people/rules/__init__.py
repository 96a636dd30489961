"""The policy of people, pure: what a field may hold, what a tree is, and how a file of people is read and judged.

`fields` checks single values, `tree` finds loops, `table` turns bytes into rows, `person_rows` and `team_rows` say
what a row asks for, `matching` which names of a file mean whom. Nothing here reads a database or a clock.
"""
