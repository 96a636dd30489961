"""What can be asked: single things, pages of them, the history of a key result, and why progress is what it is."""

from services.goals.queries.lists import cycles, objectives
from services.goals.queries.single import cycle, explained, key_result, objective, series

__all__ = ["cycle", "cycles", "explained", "key_result", "objective", "objectives", "series"]
