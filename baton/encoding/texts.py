"""Texts that can be written as UTF-8: JSON and command lines can hold half of a surrogate pair, which cannot. Pure."""

from collections.abc import Mapping
from typing import Any

NOT_UNICODE = "is not Unicode text: it has half of a surrogate pair"


def broken_text(value: Any, path: str = "") -> str | None:
    """Return where the first text is, in an object or a list, that cannot be written as UTF-8; None if all can.

    Args:
        value: What JSON stands for.
        path: Where it is, such as `policy`.
    """
    if isinstance(value, str):
        return None if _is_whole(value) else path or "text"
    if isinstance(value, Mapping):
        if broken_name := next((name for name in value if isinstance(name, str) and not _is_whole(name)), None):
            shown = broken_name.encode("utf-8", "replace").decode()
            return f"{path}.{shown}" if path else shown
        parts = [(f"{path}.{name}" if path else str(name), inner) for name, inner in value.items()]
    elif isinstance(value, list | tuple):
        parts = [(path, inner) for inner in value]
    else:
        return None
    return next((found for where, inner in parts if (found := broken_text(inner, where))), None)


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
