"""The arithmetic and policy of goals, pure: the one place in Cairn where progress is computed.

`metrics` says what can be measured, `measuring` what check-ins make of it, `pace` how that compares with time,
`rollup` how it adds up, `grading` how it ends, `alignment` which links are allowed. Quantities are Decimals and
exact; a ratio is kept to six places. Nothing here reads a clock, a database or a setting.
"""
