"""Fields for schemas: strict about JSON types, exact about numbers, and clear about what to send instead.

Use these instead of marshmallow's own; they document themselves in OpenAPI and refuse what a database would choke on.
`validate.Range`, `Length`, `OneOf` and so on go with them as usual.
"""

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from typing import Any

from marshmallow import fields, validate

from chassis.db import plain
from chassis.http.bodies import Raw

LONGEST_TEXT = 10_000
LARGEST_QUANTITY = Decimal(10) ** 18
LARGEST_INTEGER = 2**53 - 1
"""What every JSON reader can hold exactly."""
_ENOUGH = Context(prec=2000)
_NUMERIC = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,9})?")
_INTEGER = re.compile(r"-?[0-9]{1,16}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_HOST_PART = r"[A-Za-z0-9\u0080-\uffff-]{1,63}"
_ADDRESS = re.compile(rf"[^@\s<>,;\"()\[\]\\]{{1,64}}@{_HOST_PART}(?:\.{_HOST_PART})*")
_LINE_BREAKS = r"\u0009\u000a\u000d"
_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"
_IN_LINES = re.compile(f"[{_CONTROL}]")
_ON_ONE_LINE = re.compile(f"[{_CONTROL}{_LINE_BREAKS}]")
_SURROGATE = re.compile("[\ud800-\udfff]")

_QUANTITY_DOCUMENTED: Mapping[str, Any] = {
    "type": ["string", "number"],
    "pattern": r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$",
    "exclusiveMinimum": -(10**18),
    "exclusiveMaximum": 10**18,
    "multipleOf": 1e-9,
}

Messages = dict[str, str | list[Any] | dict[Any, Any]]


def _saying(**own: str) -> Messages:
    """Error messages of a field: its own, and those every field has."""
    return {
        "required": "This field is required.",
        "null": "This may not be null; leave it out or send a value.",
        **own,
    }


class Text(fields.String):
    """Text of `shortest` to `longest` characters on one line, or on several with `lines=True`; outer blanks stay.

    Refuses control characters. `shortest` 1 also refuses text of nothing but blanks.
    """

    default_error_messages = _saying(
        invalid="Send text here.",
        control="This text holds a control character; remove it.",
        blank="Write something here; blanks alone are not enough.",
    )

    def __init__(self, *, shortest: int = 0, longest: int = LONGEST_TEXT, lines: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._shortest = shortest
        self._refused = _IN_LINES if lines else _ON_ONE_LINE
        length = f"This takes {shortest} to {longest} characters."
        self.validators.insert(0, validate.Length(min=shortest or None, max=longest, error=length))
        refused = _CONTROL if lines else _CONTROL + _LINE_BREAKS
        some = rf"[^{refused}\s][^{refused}]*" if shortest else ""
        self.metadata = {"pattern": f"^[^{refused}]*{some}$", **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text: str = str(super()._deserialize(value, attr, data, **rest))
        if self._refused.search(text) or _SURROGATE.search(text):
            raise self.make_error("control")
        if self._shortest and not text.strip() and text:
            raise self.make_error("blank")
        return text


class Email(Text):
    """An address with one @ and a host; whether it exists only a mail can tell. Kept as written."""

    default_error_messages = _saying(email="Send an e-mail address, such as ana@example.org.")

    def __init__(self, **options: Any) -> None:
        super().__init__(shortest=3, longest=320, **options)
        self.metadata = {"format": "email", **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if not _ADDRESS.fullmatch(text):
            raise self.make_error("email")
        return text


class Choice(fields.String):
    """One word of a fixed set, given as words or as a string Enum."""

    default_error_messages = _saying(invalid="Send text here.")

    def __init__(self, choices: Iterable[Any], **options: Any) -> None:
        super().__init__(**options)
        words = [str(getattr(word, "value", word)) for word in choices]
        self.validators.insert(0, validate.OneOf(words, error=f"Choose one of: {', '.join(words)}."))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        return str(super()._deserialize(value, attr, data, **rest))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **rest: Any) -> str | None:
        return None if value is None else str(getattr(value, "value", value))


class Id(fields.String):
    """An id: a UUID in its 36-character form, kept as lower-case text."""

    default_error_messages = _saying(invalid="Send an id: a UUID such as 0190b6a4-9d5c-7c3e-8a55-0d4c2b7f1e60.")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.metadata = {"format": "uuid", **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise self.make_error("invalid")
        return str(uuid.UUID(value))


class Integer(fields.Integer):
    """A whole number between `least` and `most` (by default what JSON readers hold exactly)."""

    default_error_messages = _saying(invalid="Send a whole number.", range="Send a number from {least} to {most}.")

    def __init__(self, *, least: int = -LARGEST_INTEGER, most: int = LARGEST_INTEGER, **options: Any) -> None:
        super().__init__(**options)
        self._range = (least, most)
        self.metadata = {"minimum": least, "maximum": most, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> int:
        if isinstance(value, Raw) and _INTEGER.fullmatch(value):
            value = int(value)
        if isinstance(value, Decimal) and value == value.to_integral_value():
            value = int(value)
        if type(value) is not int:
            raise self.make_error("invalid")
        least, most = self._range
        if not least <= value <= most:
            raise self.make_error("range", least=least, most=most)
        return value


class Boolean(fields.Boolean):
    """true or false; in a query the words `true` and `false`."""

    default_error_messages = _saying(invalid="Send true or false.")

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> bool:
        if isinstance(value, Raw):
            value = {"true": True, "false": False}.get(value)
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Quantity(fields.Field[Decimal]):
    """An exact amount, below 10^18 in size and with at most 9 decimals: a JSON number, or digits in a string.

    Answered as a string, so that no reader rounds it.
    """

    default_error_messages = _saying(
        invalid='Send a number, or its digits in a string such as "12.5".',
        range="Send a number below 1000000000000000000 in size.",
        decimals="Send at most 9 decimals.",
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.metadata = {**_QUANTITY_DOCUMENTED, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Decimal:
        number = self._number(value)
        if abs(number) >= LARGEST_QUANTITY:
            raise self.make_error("range")
        if number != number.quantize(Decimal("1e-9"), context=_ENOUGH):
            raise self.make_error("decimals")
        return plain(number)

    def _number(self, value: Any) -> Decimal:
        if isinstance(value, str) and _NUMERIC.fullmatch(value):
            return Decimal(value)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return Decimal(value)
        raise self.make_error("invalid")

    def _serialize(self, value: Decimal | None, attr: str | None, obj: Any, **rest: Any) -> str | None:
        return None if value is None else format(plain(value), "f")


class Ratio(fields.Field[float]):
    """A share from 0 to 1 as a JSON number."""

    default_error_messages = _saying(invalid="Send a number from 0 to 1.")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.metadata = {"type": "number", "minimum": 0, "maximum": 1, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> float:
        if isinstance(value, Raw) and _NUMERIC.fullmatch(value):
            value = Decimal(value)
        if not isinstance(value, int | float | Decimal) or isinstance(value, bool) or not 0 <= value <= 1:
            raise self.make_error("invalid")
        return float(value)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **rest: Any) -> float | None:
        return None if value is None else float(value)


class Date(fields.Date):
    """A calendar day, such as 2026-03-31."""

    default_error_messages = _saying(invalid="Send a date such as 2026-03-31.")

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> dt.date:
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            raise self.make_error("invalid")
        try:
            return dt.date.fromisoformat(value)
        except ValueError as fault:
            raise self.make_error("invalid") from fault


class Moment(fields.DateTime):
    """A moment with its zone, such as 2026-03-31T08:00:00Z; answered in UTC."""

    default_error_messages = _saying(invalid="Send a moment with its zone, such as 2026-03-31T08:00:00Z.")

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> dt.datetime:
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise self.make_error("invalid")
        try:
            return dt.datetime.fromisoformat(value.upper()).astimezone(dt.UTC)
        except (ValueError, OverflowError) as fault:
            raise self.make_error("invalid") from fault

    def _serialize(self, value: dt.datetime | None, attr: str | None, obj: Any, **rest: Any) -> str | None:
        return None if value is None else value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


class List(fields.List[Any]):
    """Up to `most` items of one kind."""

    default_error_messages = _saying(invalid="Send a list here.")

    def __init__(self, inner: Any, *, most: int = 1000, **options: Any) -> None:
        super().__init__(inner, **options)
        self.validators.insert(0, validate.Length(max=most, error=f"This takes at most {most} items."))


class Nested(fields.Nested):
    """An object within the object."""

    default_error_messages = _saying(type="Send a JSON object here.")


class Mapped(fields.Dict):
    """An object whose names are data, such as preferences by kind."""

    default_error_messages = _saying(invalid="Send a JSON object here.")
