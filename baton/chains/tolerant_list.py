"""Read a list entry by entry: an odd one is set aside, and must not hide the others. Pure."""

from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


class TolerantList(NamedTuple, Generic[T]):
    """The entries of a list that can be read, in order, and the others as they were answered."""

    read: list[T]
    odd: list[Any]


def read_entries(shape: TypeAdapter[T], entries: list[Any]) -> TolerantList[T]:
    """Return the entries as data where they can be read."""
    found = TolerantList[T]([], [])
    for entry in entries:
        try:
            found.read.append(shape.validate_python(entry))
        except ValidationError:
            found.odd.append(entry)
    return found
