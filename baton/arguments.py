"""Checks of what an app passes to the client, before anything is sent. Pure."""

from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from baton.encoding.texts import NOT_UNICODE, broken_text
from baton.errors import InvalidArgument

M = TypeVar("M", bound=BaseModel)


def filled(model: type[M], **arguments: Any) -> M:
    """Return a model with these arguments as its fields.

    Raises:
        InvalidArgument: One of them does not fit; all that do not are named.
    """
    where = broken_text(arguments)
    if where is not None:
        raise InvalidArgument(where, NOT_UNICODE, "write it in UTF-8 and call again")
    try:
        return model(**arguments)
    except ValidationError as error:
        wrong = [_wrong(found["loc"], found["msg"].removeprefix("Value error, ")) for found in error.errors()]
        names = " and ".join(dict.fromkeys(name for name, _ in wrong))
        complaints = ", ".join(dict.fromkeys(complaint for _, complaint in wrong))
        raise InvalidArgument(names, complaints, "correct it and call again") from None


def _wrong(place: tuple[int | str, ...], message: str) -> tuple[str, str]:
    """Return a field and what is wrong with it; what is wrong with several names the field in its message."""
    if place:
        return str(place[0]), message
    field, _, complaint = message.partition(": ")
    return field, complaint


def instance(argument: str, value: object, kind: type[M], example: str) -> M:
    """Return an argument that must be of one class.

    Args:
        argument: Its name.
        value: What was passed.
        kind: The class.
        example: How such a value is written.

    Raises:
        InvalidArgument: It is something else.
    """
    if not isinstance(value, kind):
        raise InvalidArgument(argument, f"is a {type(value).__name__}", f"pass a {kind.__name__}, such as {example}")
    return value


def member(argument: str, value: str | None, names: type[StrEnum]) -> None:
    """Check an argument that must be one of some names, or None.

    Raises:
        InvalidArgument: It is none of them.
    """
    if value is not None and value not in list(names):
        raise InvalidArgument(argument, f"there is no {value!r}", f"use one of: {', '.join(names)}")
