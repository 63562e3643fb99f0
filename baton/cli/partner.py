"""How a command reaches the partner API: the account's client, with the API's errors turned into the command's own."""

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
    typer.Option("--account", metavar="NAME", envvar="BATON_ACCOUNT", help="Partner account to use."),
]


def find_account(settings: "Settings", name: str) -> "PartnerAccount":
    """Return the partner account of that name.

    Raises:
        CommandFailed: The settings have no such account.
        SettingsError: The accounts cannot be read.
    """
    from baton.settings import load_accounts

    accounts = load_accounts(settings)
    if name not in accounts:
        known = ", ".join(sorted(accounts))
        raise CommandFailed(
            USAGE, "unknown_account", f"--account {name}: the settings have no such account; they have {known}"
        )
    return accounts[name]


@asynccontextmanager
async def open_partner(account: "PartnerAccount") -> "AsyncIterator[OrchestraClient]":
    """Open the account's client for the partner API.

    Raises:
        CommandFailed: The base URL or the key cannot be used; or a call in the block was refused or not answered.
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
            raise as_command_failed(error, account.name) from None


def as_command_failed(error: "OrchestraError", account: str) -> CommandFailed:
    """Return the command's own error for an error of the partner API."""
    from baton.orchestra.errors import Refused, Unauthorized

    if isinstance(error, Unauthorized):
        remedy = f"check ORCHESTRA_API_KEY, or api_key of [accounts.{account}]"
        return CommandFailed(REFUSED, error.code, f"{error.message.rstrip('.')}; {remedy}")
    return CommandFailed(REFUSED if isinstance(error, Refused) else UNREACHABLE, error.code, error.message)
