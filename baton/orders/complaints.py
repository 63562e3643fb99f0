"""What is wrong with a document that people write, field by field, in sentences for them. Pure."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from baton.encoding.suggestions import did_you_mean
from baton.encoding.texts import NOT_UNICODE, broken_text
from baton.errors import DocumentError, FieldFault
from baton.orders.field_wording import wording

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_NAME_OF_ENTRY = "[key]"
"""How the validator marks that the name of an entry is wrong, and not its value."""

_NAMES_OF_METADATA = "names have 1 to 40 letters, digits, dots, underscores and dashes"
_FIRST_WORD = re.compile(r"[a-z][A-Za-z]*(\.[A-Za-z]+)*")


def faults_of(error: ValidationError, what: str, known: Iterable[str] = ()) -> list[FieldFault]:
    """Return each wrong field of a document with a sentence: its name and the remedy.

    Args:
        error: What the model found.
        what: What the document describes, for a field that it does not have.
        known: The names of all fields, for one that is misspelt.
    """
    names = list(known)
    return [_fault(found, what, names) for found in error.errors()]


def _fault(found: "ErrorDetails", what: str, known: list[str]) -> FieldFault:
    field = ".".join(str(part) for part in found["loc"] if part != _NAME_OF_ENTRY)
    complaint = _complaint(found, field, what, known)
    # A rule about several fields begins with the name of the first.
    first = _FIRST_WORD.match(complaint)
    return FieldFault(field or (first[0] if first else ""), complaint)


def _complaint(found: "ErrorDetails", field: str, what: str, known: list[str]) -> str:
    message = wording(found)
    if found["type"] == "missing":
        return f"{field} is missing"
    if found["type"] == "extra_forbidden":
        remedy = did_you_mean(str(found["loc"][-1]), known, "check its spelling")
        return f"{field} is not a field of {what}; {remedy}"
    if field == "reference" and found["type"] == "string_pattern_mismatch":
        return "reference: use 1 to 128 letters, digits, dots, underscores, colons or dashes"
    if found["type"] == "string_pattern_mismatch" and found["loc"][0] == "metadata":
        is_name = found["loc"][-1] == _NAME_OF_ENTRY
        return f"{field}: {_NAMES_OF_METADATA if is_name else 'must be text without NUL characters'}"
    return f"{field}: {message}" if field else message


def check_texts(content: dict[str, Any]) -> None:
    """Refuse a document with a text that is no Unicode.

    Raises:
        DocumentError: It has one; the text names the field.
    """
    where = broken_text(content)
    if where is not None:
        message = f"{where}: {NOT_UNICODE}"
        raise DocumentError(message, "write it in UTF-8", [FieldFault(where, message)])
