"""How the values of settings are read: lists, networks, and files that hold a secret."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pydantic import ValidationError

LARGEST_SECRET = 64 * 1024
"""Bytes of a file that holds a secret; a larger one is some other file."""


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it and the remedy."""


def explained(error: ValidationError, prefix: str) -> SettingsError:
    """Return the error that names each wrong variable of those with a prefix."""
    faults = [(f"{prefix}{fault['loc'][0]}".upper(), fault["msg"]) for fault in error.errors()]
    return SettingsError("; ".join(f"{variable}: {message}" for variable, message in faults))


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
    """Return what a file holds, without spaces and newlines around it.

    Raises:
        SettingsError: It cannot be read, is empty or too large; the text begins with `where` and names the file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_SECRET + 1)
        text = content.decode("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"{where}: {path} cannot be read: {reason}") from None
    if len(content) > LARGEST_SECRET:
        raise SettingsError(
            f"{where}: {path} is larger than {LARGEST_SECRET // 1024} KiB; it must hold the secret alone"
        )
    if not text:
        raise SettingsError(f"{where}: {path} is empty")
    return text
