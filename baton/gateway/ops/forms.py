"""Bodies of the order API out of the fields of a form."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from baton.errors import InvalidArgument

Body = TypeVar("Body", bound=BaseModel)


def checked_body(model: type[Body], **fields: Any) -> Body:
    """Return a body of the order API, out of the fields that are filled in.

    Raises:
        InvalidArgument: A field is missing or wrong.
    """
    try:
        return model.model_validate({name: value for name, value in fields.items() if value is not None})
    except ValidationError as error:
        fault = error.errors()[0]
        message = fault["msg"].removeprefix("Value error, ")
        field = ".".join(map(str, fault["loc"])) or "form"
        raise InvalidArgument(field, message[:1].lower() + message[1:], "correct it and send it again") from None
