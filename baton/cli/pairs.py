"""Repeated options that hold a name and a value each."""

from collections.abc import Mapping, Sequence
from typing import Any

from baton.cli.errors import USAGE, CommandFailed


def pairs_of(option: str, entries: Sequence[str], separator: str) -> dict[str, str]:
    """Return the names and values of a repeated option.

    Raises:
        CommandFailed: An entry is no pair.
    """
    pairs = [entry.partition(separator) for entry in entries]
    wrong = [entry for entry, (name, found, _) in zip(entries, pairs, strict=True) if not (name and found)]
    if wrong:
        shape = "NAME=VALUE" if separator == "=" else "CHAIN:ADDRESS"
        raise CommandFailed(USAGE, "usage", f"{option}: {wrong[0]!r} is not {shape}")
    return {name: value for name, _, value in pairs}


def with_metadata(content: Mapping[str, Any], entries: Sequence[str] | None) -> dict[str, Any]:
    """Return a document with the entries of `--metadata` added to its own.

    Raises:
        CommandFailed: An entry is no pair.
    """
    own = content.get("metadata", {})
    if not entries or not isinstance(own, Mapping):
        return dict(content)
    return {**content, "metadata": {**own, **pairs_of("--metadata", entries, "=")}}
