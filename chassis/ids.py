"""Identifiers: UUIDs that grow with time (RFC 9562 version 7), so that indexes and cursors keep creation order."""

import os
import time
import uuid


def new_id() -> str:
    """A fresh UUIDv7 in its 36-character text form; millisecond order, 74 random bits."""
    moment = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (
        (moment & (1 << 48) - 1) << 80 | 0x7 << 76 | (random >> 62 & 0xFFF) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    )
    return str(uuid.UUID(int=value))
