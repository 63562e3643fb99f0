"""The tokens file, as `baton token` changes it: entries are added, and everything else stays as it was written."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from baton.cli.errors import USAGE, CommandFailed
from baton.process.atomic import write_atomically

if TYPE_CHECKING:
    from baton.accounts.tokens import TokenEntry

_HEAD = (
    "# Tokens of Baton's order API: hashes only. To revoke a token, delete its table; the gateway rereads this file.\n"
)


def add_token(file: Path, name: str, entry: "TokenEntry") -> None:
    """Add an entry to a tokens file, which is made if it is missing.

    Raises:
        CommandFailed: There is such an entry already, or the file cannot be written.
        SettingsError: The file is there and cannot be read.
    """
    from baton.accounts.tokens import read_tokens

    known = read_tokens(file) if file.exists() else {}
    if name in known:
        remedy = f"choose another name, or delete [tokens.{name}] in {file} first"
        raise CommandFailed(USAGE, "token_exists", f"there is a token {name} already; {remedy}")
    text = file.read_text(encoding="utf-8-sig").rstrip() + "\n" if file.exists() else _HEAD
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, f"{text}\n{_table(name, entry)}")
    except OSError as error:
        raise CommandFailed(USAGE, "unwritable_file", f"{file} cannot be written: {error.strerror}") from None


def _table(name: str, entry: "TokenEntry") -> str:
    return (
        f'[tokens.{name}]\nhash = "{entry.hash}"\naccounts = {_array(entry.accounts)}\nverbs = {_array(entry.verbs)}\n'
    )


def _array(texts: Sequence[str]) -> str:
    return json.dumps(list(texts))  # an array of plain strings is the same in JSON and TOML
