"""Figures anyone can measure again. `make bench` runs them all; `make bench ARGS=start` runs one."""
