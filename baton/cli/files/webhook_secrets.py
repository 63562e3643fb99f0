"""Where an account's webhook secrets are written, so that the settings find them.

An account with its own secrets file keeps them there, one a line. The account of the environment keeps them in an env
file, as `ORCHESTRA_WEBHOOK_SECRET`. Any other account of a partners file gets a new secrets file: its table then names
that file instead of the secrets, and everything else in the partners file stays as it was written.
"""

import codecs
import os
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from baton.cli.errors import USAGE, CommandFailed
from baton.process.atomic import write_atomically

if TYPE_CHECKING:
    from baton.settings import PartnerAccount, Settings

VARIABLE = "ORCHESTRA_WEBHOOK_SECRET"
_ARRAY_LINES = 200
"""More lines than any list of secrets takes."""


@dataclass(frozen=True)
class SecretStore:
    """The file of an account's webhook secrets.

    Attributes:
        file: The file.
        secrets: The secrets in the file and in the settings now, newest first.
        save: Writes secrets to the file in place of the old ones; raises `OSError` or `ValueError` if it cannot.
        reloaded: Whether a running gateway rereads the file by itself.
        warning: Why the settings do not read the file, if they do not.
    """

    file: Path
    secrets: tuple[str, ...]
    save: Callable[[Sequence[str]], None]
    reloaded: bool = True
    warning: str | None = None


def find_store(settings: "Settings", account: "PartnerAccount", env_file: Path | None) -> SecretStore:
    """Return where the account's secrets are written.

    Args:
        settings: They say whether there is a partners file.
        account: The account.
        env_file: The env file for the account of the environment; None for the one that the settings read.

    Raises:
        CommandFailed: The settings do not read that env file, or the partners file cannot be changed safely.
    """
    if env_file is not None and (settings.partners_file or account.webhook_secrets_file):
        why = "the settings read this account's secrets from another file; leave --env-file out"
        raise CommandFailed(USAGE, "invalid_settings", why)
    secrets = tuple(secret.get_secret_value() for secret in account.webhook_secrets)
    if account.webhook_secrets_file is not None:
        file = account.webhook_secrets_file
        return SecretStore(file, secrets, lambda new: write_atomically(file, _lines(new)))
    if settings.partners_file is not None:
        return _beside_partners_file(settings.partners_file, account.name, secrets)
    return _in_env_file(env_file, secrets)


def _lines(secrets: Sequence[str]) -> str:
    return "".join(f"{_checked(secret)}\n" for secret in secrets)


def _checked(secret: str) -> str:
    """Return the secret unless it could not be read back."""
    if not secret.isprintable() or "," in secret or secret != secret.strip():
        raise ValueError("the secret holds a character that separates secrets")
    return secret


def _in_env_file(env_file: Path | None, secrets: tuple[str, ...]) -> SecretStore:
    from dotenv import dotenv_values, set_key

    from baton.settings import ENV_FILE

    file = env_file or ENV_FILE
    exported = os.environ.get(VARIABLE)
    # Written with "utf-8-sig", a file would begin with a byte order mark, which other readers of .env do not expect.
    encoding = "utf-8-sig" if file.is_file() and file.read_bytes().startswith(codecs.BOM_UTF8) else "utf-8"

    def save(new: Sequence[str]) -> None:
        if file.exists():
            file.chmod(0o600)
        value = ",".join(map(_checked, new))
        set_key(file, VARIABLE, value, quote_mode="auto", encoding=encoding, follow_symlinks=True)

    values = dotenv_values(file, interpolate=False, encoding=encoding) if file.is_file() else {}
    in_file = values.get(VARIABLE) or ""
    current = dict.fromkeys([*secrets, *(part.strip() for part in in_file.split(",") if part.strip())])
    warning = f"{VARIABLE} is set in the environment and overrides the file: unset it there" if exported else None
    return SecretStore(file, tuple(current), save, reloaded=False, warning=warning)


def _beside_partners_file(partners: Path, account: str, secrets: tuple[str, ...]) -> SecretStore:
    file = partners.with_name(f"{partners.stem}.{account}.secrets")
    try:
        changed = name_secrets_file(partners.read_text(encoding="utf-8-sig"), account, file.name)
    except ValueError:
        remedy = (
            f'write `webhook_secrets_file = "{file.name}"` there in place of webhook_secrets, and the secrets into it'
        )
        why = f"[accounts.{account}] of {partners} cannot be changed safely"
        raise CommandFailed(USAGE, "invalid_settings", f"{why}; {remedy}") from None

    def save(new: Sequence[str]) -> None:
        write_atomically(file, _lines(new), like=partners)
        write_atomically(partners, changed, mode=partners.stat().st_mode)

    return SecretStore(file, secrets, save)


def name_secrets_file(text: str, account: str, file: str) -> str:
    """Return a partners file in which the account names its secrets file instead of its secrets.

    Comments, order and everything else stay. The result is parsed again and must differ in nothing else.

    Raises:
        ValueError: It differs, because the account's table is written in a way that is not supported here.
    """
    expected = tomllib.loads(text)
    table = expected["accounts"][account]
    table.pop("webhook_secrets", None)
    table["webhook_secrets_file"] = file
    changed = _with_line(text.splitlines(keepends=True), account, f'webhook_secrets_file = "{file}"\n')
    if tomllib.loads(changed) != expected:
        raise ValueError("the table was not understood")
    return changed


def _with_line(lines: list[str], account: str, new_line: str) -> str:
    """Return the lines with the account's `webhook_secrets` replaced by the new line, or the line added."""
    header = re.compile(rf"\s*\[\s*accounts\s*\.\s*(['\"]?){re.escape(account)}\1\s*\]\s*(#.*)?$")
    headers = [number for number, line in enumerate(lines) if header.match(line)]
    if len(headers) != 1:
        raise ValueError("the table has no header of its own")
    start = headers[0] + 1
    for number in range(start, len(lines)):
        if re.match(r"\s*\[", lines[number]):
            break
        if re.match(r"\s*webhook_secrets\s*=", lines[number]):
            return "".join([*lines[:number], new_line, *lines[number + _value_lines(lines[number:]) :]])
    head = lines[headers[0]]
    return "".join([*lines[: headers[0]], head if head.endswith("\n") else f"{head}\n", new_line, *lines[start:]])


def _value_lines(lines: Sequence[str]) -> int:
    """Return how many lines the value that starts on the first line takes."""
    for count in range(1, min(len(lines), _ARRAY_LINES) + 1):
        try:
            tomllib.loads("".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue
        return count
    raise ValueError("the value does not end")
