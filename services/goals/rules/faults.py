"""A fault is what is wrong with a field, told to the person who filled it in, with the way out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`pointer` is a JSON Pointer (RFC 6901) into the request body; `sentence` names the remedy."""

    pointer: str
    sentence: str
