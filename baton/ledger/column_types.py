"""The columns of the ledger's tables, the same on SQLite and PostgreSQL, and the metadata that collects the tables."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, Text, TypeDecorator

# `bind_processor` converts a value in one call, `process_bind_param` in three: an order has hundreds of values.


class PlainText(TypeDecorator[str]):
    """Text that both engines accept: a NUL or half a surrogate pair from the wire must not lose the row."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """Return what replaces the characters that a database cannot store."""
        return _storable


class Digits(TypeDecorator[int]):
    """An amount as a string of digits: token amounts have up to 256 bits, too many for an integer column."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> str | None:
        """Write the amount as digits."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> int | None:
        """Read the digits as an int."""
        return None if value is None else int(value)


class UtcTime(TypeDecorator[datetime]):
    """A time that reads back aware and in UTC; it is written in UTC, because SQLite has no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], datetime | str | None]:
        """Return what writes the time in UTC; for SQLite as a text, as SQLAlchemy writes and reads it there."""
        return _utc_text if dialect.name == "sqlite" else _utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read the time as aware, in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _storable(value: str | None) -> str | None:
    # Not a member of an enumeration, of which the driver of PostgreSQL would write the name.
    if value is None or (type(value) is str and value.isascii() and "\x00" not in value):
        return value
    return value.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


def _utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def _utc_text(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat(" ", "microseconds").removesuffix("+00:00")


COUNTER = BigInteger().with_variant(Integer(), "sqlite")
DOCUMENT = JSON(none_as_null=True)

metadata = MetaData()
