"""How the values of settings are read: lists, networks, and files that hold a secret."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from baton.redaction import without_login

_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+")

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
            raise ValueError(f"{text!r} is no network; write one such as {_network_around(text)}") from None
    return texts


def _network_around(text: str) -> str:
    """Return the network in which an address with a prefix lies, or any network for a text that is no address."""
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return "127.0.0.0/8"


def host_names(value: Any) -> Any:
    """Return the names of hosts of a list.

    Raises:
        ValueError: One is no name that a `Host` header has, such as a URL or a pattern.
    """
    for text in (texts := comma_separated(value)):
        if not _HOST.fullmatch(text):
            raise ValueError(f"{without_login(text)!r} is no name of a host; write one such as pay.example.com")
    return texts


def origins(value: Any) -> Any:
    """Return the origins of web pages of a list.

    Raises:
        ValueError: One is no origin that a browser sends, such as a URL with a path, or `*`.
    """
    for text in (texts := comma_separated(value)):
        if not _ORIGIN.fullmatch(text):
            raise ValueError(
                f"{without_login(text)!r} is no origin; write scheme, host and port alone, such as http://localhost:8233"
            )
    return texts


def read_secret(path: Path, where: str) -> str:
    """Return what a file holds, without spaces and newlines around it.

    Raises:
        SettingsError: It cannot be read, is empty or too large; the text begins with `where` and names the file.
    """
    try:
        if path.is_fifo():  # it would be waited for without end, and can be read only once
            raise SettingsError(f"{where}: {path} is a pipe; write the secret into a file")
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
