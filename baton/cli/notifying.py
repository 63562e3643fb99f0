"""What the commands about endpoints and deliveries work with: a Temporal client, the ledger, and the endpoints."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from baton.cli.session import caller_name

if TYPE_CHECKING:
    from baton.ledger.ledger import Ledger
    from baton.notifications.admin import EndpointAdmin
    from baton.settings import Settings

BY_COMMAND = "the command line"
"""Who changed an endpoint, as the ledger records it."""


class NotifyingParts(NamedTuple):
    """The parts, open as long as the block that they are made for."""

    ledger: "Ledger"
    admin: "EndpointAdmin"


@asynccontextmanager
async def notifying_parts(settings: "Settings") -> AsyncIterator[NotifyingParts]:
    """Open what the commands work with; Temporal is asked only when it is needed.

    Raises:
        SettingsError: The endpoints cannot be read.
        LedgerUnavailable: The ledger cannot be opened.
    """
    from baton.ledger.ledger import Ledger
    from baton.notifications.addresses import networks_of
    from baton.notifications.admin import EndpointAdmin
    from baton.notifications.book import EndpointBook
    from baton.temporal import connect

    client = await connect(lazy=True)
    async with await Ledger.open(settings.ledger, upgrades=settings.ledger_upgrade) as ledger:
        book = EndpointBook(settings.endpoints_file, ledger, networks_of(settings.notify_networks))
        yield NotifyingParts(ledger, EndpointAdmin(client, ledger, book, caller_name()))
