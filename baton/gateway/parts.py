"""What the gateway is built from."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from temporalio.client import Client

from baton.accounts.tokens import TokenBook
from baton.bulk.bulks import Bulks
from baton.chains.catalogue import load_chains
from baton.client import BatonClient
from baton.gateway.coalescer import Coalescer
from baton.gateway.figure_reader import FigureReader
from baton.gateway.health_reader import HealthReader
from baton.gateway.pay.stream import StreamSlots
from baton.ledger.ledger import Ledger
from baton.notifications.addresses import networks_of
from baton.notifications.book import EndpointBook
from baton.notifications.feed import FeedHead
from baton.pages.payer_links import PayerLinks, payer_links
from baton.settings import PartnerAccount, Settings

PATIENCE = timedelta(seconds=25)
"""How long a request of the order API waits for a worker; less than usual HTTP clients and proxies do."""


@dataclass(frozen=True)
class GatewayParts:
    """What the gateway works with. The caller that opened the ledger and the client closes them.

    Attributes:
        accounts: The partner accounts by name.
        client: A Temporal client; with a lazy one the gateway can start before Temporal.
        ledger: An open ledger.
        coalescer: Signals the workflows; drained when the application stops.
        tokens: The tokens of the order API; without any, no request to it is served.
        settings: The settings of the process.
        draining: Set when the gateway is about to stop: it serves on, but is not ready.
        stopping: Set when the gateway stops, so that streams end.
    """

    accounts: Mapping[str, PartnerAccount]
    client: Client
    ledger: Ledger
    coalescer: Coalescer
    tokens: TokenBook = field(default_factory=TokenBook)
    settings: Settings = field(default_factory=Settings)
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @cached_property
    def endpoints(self) -> EndpointBook:
        """The endpoints that are notified of events."""
        return EndpointBook(self.settings.endpoints_file, self.ledger, networks_of(self.settings.notify_networks))

    @cached_property
    def feed_head(self) -> FeedHead:
        """The cursor behind the newest event, for all streams of events."""
        return FeedHead(self.ledger)

    @property
    def payer_links(self) -> PayerLinks | None:
        """What makes the links to payer pages; None if the settings have no key or no public address."""
        if self._payer_links is not None:
            self._payer_links.refresh()
        return self._payer_links

    @cached_property
    def _payer_links(self) -> PayerLinks | None:
        return payer_links(self.settings)

    @cached_property
    def stream_slots(self) -> StreamSlots:
        """The places of the streams of payer pages: half of the connections, as webhooks need some in any crowd."""
        return StreamSlots(max(self.settings.gateway_connections // 2, 1))

    @cached_property
    def bulks(self) -> Bulks:
        """Acts in bulk."""
        return Bulks(self.client, self.ledger, PATIENCE)

    @cached_property
    def figures(self) -> FigureReader:
        """What counts orders for the figures."""
        return FigureReader(self.ledger)

    @cached_property
    def health(self) -> HealthReader:
        """What reads the health of the installation.

        Raises:
            ChainConfigError: The chain catalogue cannot be read.
        """
        return HealthReader(self.client, self.ledger, self.accounts, load_chains(self.settings.chains_file))

    @cached_property
    def baton(self) -> BatonClient:
        """The client through which the order API does everything that a business app could do in Python."""
        return BatonClient(self.client, PATIENCE)

    def client_for(self, caller: str) -> BatonClient:
        """Return the client that acts under the name of a token."""
        return BatonClient(self.client, PATIENCE, by=caller)
