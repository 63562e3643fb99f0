"""How a command reaches Orchestra itself: the account's client, and its errors as the command's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import REFUSED, UNREACHABLE, USAGE, CommandFailed

if TYPE_CHECKING:
    from baton.orchestra.client import OrchestraClient
    from baton.orchestra.errors import OrchestraError
    from baton.settings import PartnerAccount, Settings

Partner = Annotated[
    str,
    typer.Option("--account", metavar="NAME", envvar="BATON_ACCOUNT", help="Partner account in whose name to ask."),
]


def find_account(settings: "Settings", name: str) -> "PartnerAccount":
    """Return a partner account of the settings.

    Raises:
        CommandFailed: There is none of that name.
        SettingsError: The accounts cannot be read.
    """
    from baton.settings import load_accounts

    accounts = load_accounts(settings)
    if name not in accounts:
        known = ", ".join(sorted(accounts))
        raise CommandFailed(
            USAGE, "unknown_account", f"--account {name}: the settings hold no such account, but {known}"
        )
    return accounts[name]


@asynccontextmanager
async def open_partner(account: "PartnerAccount") -> "AsyncIterator[OrchestraClient]":
    """Open the account's way to the partner API.

    Raises:
        CommandFailed: The base URL or the key cannot be used; or, inside, the API said no or did not answer.
    """
    from baton.orchestra.client import OrchestraClient
    from baton.orchestra.errors import OrchestraError

    key = account.api_key.get_secret_value()
    try:
        client = OrchestraClient(account.base_url, key, timeout=account.request_timeout)
    except ValueError as error:
        raise CommandFailed(USAGE, "invalid_settings", f"account {account.name}: {error}") from None
    async with client:
        try:
            yield client
        except OrchestraError as error:
            raise failure_of(error, account.name) from None


def failure_of(error: "OrchestraError", account: str) -> CommandFailed:
    """Return an error of the partner API as the command's own."""
    from baton.orchestra.errors import Refused, Unauthorized

    if isinstance(error, Unauthorized):
        remedy = f"check ORCHESTRA_API_KEY, or api_key of [accounts.{account}]"
        return CommandFailed(REFUSED, error.code, f"{error.message.rstrip('.')}; {remedy}")
    return CommandFailed(REFUSED if isinstance(error, Refused) else UNREACHABLE, error.code, error.message)
