"""What is wrong with one field, in plain words: the validator's own messages speak of Python's types. Pure."""

import re
from typing import TYPE_CHECKING

from baton.encoding.suggestions import closest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

DURATIONS = "write seconds, such as 7200, or an ISO 8601 duration: PT90M is 90 minutes, PT2H two hours, P1D a day"

_CHOICE = re.compile(r"\^\(([\w|]+)\)\$")
_PLAIN = {
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "time_delta_type": f"is no length of time; {DURATIONS}",
    "time_delta_parsing": f"is no length of time; {DURATIONS}",
}
_BOUNDS = {
    "greater_than": ("gt", "must be above"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be below"),
    "less_than_equal": ("le", "must be at most"),
    "string_too_short": ("min_length", "is too short: its characters must be at least"),
    "string_too_long": ("max_length", "is too long: its characters may be at most"),
    "too_long": ("max_length", "has too many entries: there may be at most"),
}


def wording(found: "ErrorDetails") -> str:
    """Return what is wrong with a field's value and, where it can be told, what was meant."""
    kind, context = found["type"], found.get("ctx", {})
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"{words} {context[name]}"
    if choices := _choices(kind, context):
        meant = closest(str(found.get("input")), choices)
        listed = f"{', '.join(choices[:-1])} or {choices[-1]}" if len(choices) > 1 else choices[0]
        return f"must be {listed}" + (f"; did you mean {meant}?" if meant else "")
    return found["msg"].removeprefix("Value error, ")


def _choices(kind: str, context: dict[str, object]) -> list[str]:
    """Return the values that a field can have; none if it is not one of a few words."""
    if kind in ("literal_error", "enum"):
        return re.findall(r"'([^']*)'", str(context["expected"]))
    pattern = _CHOICE.fullmatch(str(context.get("pattern", ""))) if kind == "string_pattern_mismatch" else None
    return pattern[1].split("|") if pattern else []
