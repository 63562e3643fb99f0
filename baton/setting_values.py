"""How the values of settings are read: lists, networks, and files that hold a secret."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it and the remedy."""


def comma_separated(value: Any) -> Any:
    """Return the parts of a text that are separated by commas or newlines; what is no text stays as it is."""
    if not isinstance(value, str):
        return value
    # A file begins with a byte order mark if an editor wrote it so; several files joined have one in the middle too.
    parts = value.replace("\ufeff", "").replace("\n", ",").split(",")
    return [part.strip() for part in parts if part.strip()]


def networks(value: Any) -> Any:
    """Return the networks of a list.

    Raises:
        ValueError: One is no network.
    """
    texts = comma_separated(value)
    for text in texts:
        try:
            ip_network(text)
        except ValueError:
            raise ValueError(f"{text!r} is no network; write one such as 127.0.0.0/8") from None
    return texts


def read_secret(path: Path, where: str) -> str:
    """Return what a file holds, without spaces around it.

    Raises:
        SettingsError: It cannot be read, or is empty; the text begins with `where`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"{where}: {path} cannot be read: {reason}") from None
    if not text:
        raise SettingsError(f"{where}: {path} is empty")
    return text
