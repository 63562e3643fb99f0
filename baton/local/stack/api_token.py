"""The order API's token on a laptop: made once for each home folder, so that it stays the same over restarts."""

from pathlib import Path

from baton.accounts.tokens import new_token
from baton.local.stack.errors import StackError

_FILE = "api_token"
_OWNER_ONLY = 0o600


def local_api_token(home: Path) -> str:
    """Return the token of a home folder; make it if there is none.

    Raises:
        StackError: The folder or the file cannot be used.
    """
    file = home / _FILE
    try:
        if file.exists():
            return file.read_text(encoding="utf-8").strip()
        home.mkdir(parents=True, exist_ok=True)
        file.touch(mode=_OWNER_ONLY)
        token = new_token()
        file.write_text(f"{token}\n", encoding="utf-8")
    except OSError as error:
        raise StackError(f"{file}: {error.strerror}") from None
    return token
