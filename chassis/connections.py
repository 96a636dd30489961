"""Connections that are kept between uses, to databases and services alike."""

import select
from typing import Any


def stands(connection: Any) -> bool:
    """Whether nothing has come in over a connection that owes nothing: what would, unasked, is mostly its end.

    It is anything with a `fileno`, or the number itself. Asking the other side costs a message there and back each
    time; the kernel knows as well when it is gone.
    """
    watch = select.poll()
    watch.register(connection, select.POLLIN)
    return not watch.poll(0)
