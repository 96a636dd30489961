"""How a process of ours looks for garbage."""

import gc


def leave_what_is_loaded() -> None:
    """Do not look for garbage among what was loaded at the start, nor every few hundred rows.

    Looking took a quarter of an import's work (docs/adr/0014).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
