"""A ledger's password that its URL does not hold: asked for at each new connection, so that it can be rotated."""

from collections.abc import Callable
from typing import Self

Password = Callable[[], str]
"""Returns the password of now."""


class LedgerUrl(str):
    """A URL without a password, which goes wherever a URL goes and never shows the password.

    Attributes:
        password: Returns the password of now.
    """

    password: Password

    def __new__(cls, url: str, password: Password) -> Self:
        """Return the URL with the source of its password."""
        made = super().__new__(cls, url)
        made.password = password
        return made


class LatePassword:
    """Stands in SQLAlchemy's URL for a password that is asked for at each connection.

    Args:
        current: Returns the password of now.
    """

    def __init__(self, current: Password) -> None:
        self.current = current

    def __str__(self) -> str:
        """Return the password of now, which SQLAlchemy puts into the arguments of a connection."""
        return self.current()
