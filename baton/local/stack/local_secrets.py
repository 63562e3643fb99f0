"""The stack's own secrets on a laptop: made once for each home folder, so that they stay the same over restarts."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from baton.accounts.tokens import new_token
from baton.local.stack.errors import StackError

_OWNER_ONLY = 0o600


class LocalSecrets(NamedTuple):
    """What a stack uses where the settings have nothing.

    Attributes:
        api_token: The token of the order API.
        page_key: The key of the links to payer pages.
    """

    api_token: str = ""
    page_key: str = ""


def local_secrets(home: Path) -> LocalSecrets:
    """Return the secrets of a home folder; make those that are missing.

    Raises:
        StackError: The folder or a file cannot be used.
    """
    return LocalSecrets(
        api_token=_kept(home / "api_token", new_token), page_key=_kept(home / "page_key", secrets.token_urlsafe)
    )


def _kept(file: Path, make: Callable[[], str]) -> str:
    try:
        if file.exists():
            return file.read_text(encoding="utf-8").strip()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=_OWNER_ONLY)
        secret = make()
        file.write_text(f"{secret}\n", encoding="utf-8")
    except OSError as error:
        raise StackError(f"{file}: {error.strerror}") from None
    return secret
