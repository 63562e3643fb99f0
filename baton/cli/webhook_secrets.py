"""Where an account's webhook secrets are written, so that the settings read them from there.

An account with a secrets file of its own has them in that file, one a line. The account of the environment has them in
an env file, as `ORCHESTRA_WEBHOOK_SECRET`. Any other account of a partners file is given a secrets file: its table then
names that file in place of the secrets, and everything else in it stays as people wrote it.
"""

import os
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from baton.cli.atomic import write_atomically
from baton.cli.errors import USAGE, CommandFailed

if TYPE_CHECKING:
    from baton.settings import PartnerAccount, Settings

VARIABLE = "ORCHESTRA_WEBHOOK_SECRET"
_ARRAY_LINES = 200
"""More lines than any list of secrets takes."""


@dataclass(frozen=True)
class SecretStore:
    """The place of an account's webhook secrets.

    Attributes:
        place: The file that holds them.
        held: Those that it and the settings hold now, the newest first.
        save: Writes these in their place; raises `OSError` or `ValueError` where it cannot.
        followed: Whether a running gateway reads the place again by itself.
        caution: What keeps the file from being read, where something does.
    """

    place: Path
    held: tuple[str, ...]
    save: Callable[[Sequence[str]], None]
    followed: bool = True
    caution: str | None = None


def find_store(settings: "Settings", account: "PartnerAccount", env_file: Path | None) -> SecretStore:
    """Return where the account's secrets are written.

    Args:
        settings: Whether there is a partners file.
        account: The account.
        env_file: The env file for the account of the environment; None for the one that the settings read.

    Raises:
        CommandFailed: They would not be read from there, or the partners file cannot be changed safely.
    """
    if env_file is not None and (settings.partners_file or account.webhook_secrets_file):
        why = "the account's secrets stand in a file that its settings name; leave --env-file out"
        raise CommandFailed(USAGE, "invalid_settings", why)
    held = tuple(secret.get_secret_value() for secret in account.webhook_secrets)
    if account.webhook_secrets_file is not None:
        file = account.webhook_secrets_file
        return SecretStore(file, held, lambda secrets: write_atomically(file, _lines(secrets)))
    if settings.partners_file is not None:
        return _beside_partners_file(settings.partners_file, account.name, held)
    return _in_env_file(env_file, held)


def _lines(secrets: Sequence[str]) -> str:
    return "".join(f"{_plain(secret)}\n" for secret in secrets)


def _plain(secret: str) -> str:
    if not secret.isprintable() or "," in secret or secret != secret.strip():
        raise ValueError("the secret holds a character that separates secrets")
    return secret


def _in_env_file(given: Path | None, held: tuple[str, ...]) -> SecretStore:
    from dotenv import dotenv_values, set_key

    from baton.settings import ENV_FILE

    file = given or ENV_FILE
    exported = os.environ.get(VARIABLE)

    def save(secrets: Sequence[str]) -> None:
        if file.exists():
            file.chmod(0o600)
        set_key(file, VARIABLE, ",".join(map(_plain, secrets)), quote_mode="auto", follow_symlinks=True)

    there = (dotenv_values(file, interpolate=False).get(VARIABLE) or "") if file.is_file() else ""
    old = dict.fromkeys([*held, *(part.strip() for part in there.split(",") if part.strip())])
    caution = f"{VARIABLE} is set in the environment and goes before the file: unset it there" if exported else None
    return SecretStore(file, tuple(old), save, followed=False, caution=caution)


def _beside_partners_file(partners: Path, account: str, held: tuple[str, ...]) -> SecretStore:
    file = partners.with_name(f"{partners.stem}.{account}.secrets")
    try:
        changed = name_secrets_file(partners.read_text(encoding="utf-8"), account, file.name)
    except ValueError:
        remedy = (
            f'write `webhook_secrets_file = "{file.name}"` there in place of webhook_secrets, and the secrets into it'
        )
        why = f"[accounts.{account}] of {partners} cannot be changed safely"
        raise CommandFailed(USAGE, "invalid_settings", f"{why}; {remedy}") from None

    def save(secrets: Sequence[str]) -> None:
        write_atomically(file, _lines(secrets), like=partners)
        write_atomically(partners, changed, mode=partners.stat().st_mode)

    return SecretStore(file, held, save)


def name_secrets_file(text: str, account: str, file: str) -> str:
    """Return a partners file in which the account names its secrets file in place of its secrets.

    Comments, order and everything else stay. What comes out is read again and must say just that.

    Raises:
        ValueError: It does not, for the account's table is written in a way that is not understood here.
    """
    wanted = tomllib.loads(text)
    table = wanted["accounts"][account]
    table.pop("webhook_secrets", None)
    table["webhook_secrets_file"] = file
    changed = _with_line(text.splitlines(keepends=True), account, f'webhook_secrets_file = "{file}"\n')
    if tomllib.loads(changed) != wanted:
        raise ValueError("the table was not understood")
    return changed


def _with_line(lines: list[str], account: str, line: str) -> str:
    header = re.compile(rf"\s*\[\s*accounts\s*\.\s*(['\"]?){re.escape(account)}\1\s*\]\s*(#.*)?$")
    heads = [place for place, one in enumerate(lines) if header.match(one)]
    if len(heads) != 1:
        raise ValueError("the table has no header of its own")
    start = heads[0] + 1
    for place in range(start, len(lines)):
        if re.match(r"\s*\[", lines[place]):
            break
        if re.match(r"\s*webhook_secrets\s*=", lines[place]):
            return "".join([*lines[:place], line, *lines[place + _value_lines(lines[place:]) :]])
    head = lines[heads[0]]
    return "".join([*lines[: heads[0]], head if head.endswith("\n") else f"{head}\n", line, *lines[start:]])


def _value_lines(lines: Sequence[str]) -> int:
    """Return how many lines the first one's value takes."""
    for count in range(1, min(len(lines), _ARRAY_LINES) + 1):
        try:
            tomllib.loads("".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue
        return count
    raise ValueError("the value does not end")
