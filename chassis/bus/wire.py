"""Messages as bytes, and how many of them fit into one batch."""

from collections.abc import Iterator, Sequence

from chassis.bus import Message

Wire = tuple[str, bytes, bytes | None, list[tuple[str, bytes]]]

# What leaves together in one batch of a partition: below the broker's default limit of one MiB.
CHUNK_BYTES = 800_000
BATCH_BYTES = 1_000_000
RECORD_OVERHEAD = 64
HEADER_OVERHEAD = 16


def to_wire(message: Message, prefix: str) -> Wire:
    """Topic with its prefix, key, value and headers."""
    headers = [(name, value.encode()) for name, value in message.headers.items()]
    return prefix + message.topic, message.key.encode(), message.value, headers


def from_wire(
    topic: str, prefix: str, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes | None]]
) -> Message:
    """The message, whoever wrote it: what is not UTF-8 shows replacement characters, a missing key is empty."""
    return Message(topic.removeprefix(prefix), _text(key), value, {name: _text(raw) for name, raw in headers})


def chunks(wires: Sequence[Wire]) -> Iterator[list[int]]:
    """Indexes of neighbours that fit into one batch whatever their partitions; a larger message stands alone."""
    chunk: list[int] = []
    size = 0
    for index, wire in enumerate(wires):
        weight = _weight(wire)
        if chunk and size + weight > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(index)
        size += weight
    if chunk:
        yield chunk


def _weight(wire: Wire) -> int:
    _, key, value, headers = wire
    text = sum([len(name) + len(raw) for name, raw in headers])
    return RECORD_OVERHEAD + len(key) + len(value or b"") + HEADER_OVERHEAD * len(headers) + text


def _text(raw: bytes | None) -> str:
    return "" if raw is None else raw.decode("utf-8", "replace")
