"""Exact amounts and times in JSON: digits in smallest units become ints, ISO-8601 becomes datetimes with a time zone.

There are two kinds of fields. The strict kind is for what money depends on (a quote, a request): an invalid value is an
error. The tolerant kind is for observations of an order, where one odd field must not make the rest unreadable: an
invalid value becomes None.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, TypeAdapter

MAX_AMOUNT = 2**256 - 1
"""The largest amount that any chain can hold; the limit also avoids the cost of parsing huge numbers."""
_MAX_DIGITS = len(str(MAX_AMOUNT))


def parse_amount(value: Any) -> int:
    """Return an amount in smallest units.

    Args:
        value: An int, or a string of decimal digits. Floats are refused: they are not exact.

    Raises:
        ValueError: The value is not a whole number from 0 to 2**256 - 1.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("an amount is a string of digits in the asset's smallest unit")
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("an amount is a whole number of smallest units (digits only)")
    if isinstance(value, str) and len(value) > _MAX_DIGITS:
        raise ValueError("an amount has at most 78 digits")
    amount = int(value)
    if amount < 0:
        raise ValueError("an amount cannot be negative")
    if amount > MAX_AMOUNT:
        raise ValueError("an amount is at most 2**256 - 1")
    return amount


def _amount_or_none(value: Any) -> int | None:
    try:
        return parse_amount(value)
    except ValueError:
        return None


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _aware(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("the time is outside the calendar") from None


_TIME = TypeAdapter(datetime)


def _time_or_none(value: Any) -> datetime | None:
    try:
        return _aware(_TIME.validate_python(value)) if isinstance(value, str | datetime) else None
    except ValueError:  # includes pydantic's ValidationError
        return None


_Digits = str | int
"""What schemas say of an amount: generated types of other languages must let callers pass strings, which are exact."""

Amount = Annotated[
    int, BeforeValidator(parse_amount, json_schema_input_type=_Digits), PlainSerializer(_text, when_used="json")
]
"""Exact amount in smallest units; an int in Python, a string of digits in JSON."""

TolerantAmount = Annotated[
    int | None,
    BeforeValidator(_amount_or_none, json_schema_input_type=_Digits | None),
    PlainSerializer(_text, when_used="json"),
]
"""Like Amount, but an invalid value becomes None."""

Time = Annotated[datetime, AfterValidator(_aware)]
"""A point in time, always in UTC; one without a time zone is read as UTC."""

TolerantTime = Annotated[datetime | None, BeforeValidator(_time_or_none)]
"""Like Time, but an invalid value becomes None."""
