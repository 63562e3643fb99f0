"""The tokens of a chain by the partner API's routes: which contract it takes for an asset."""

import asyncio
from collections.abc import Mapping

from temporalio.exceptions import ApplicationError

from activities.support.account_clients import AccountClients
from baton.accounts.route_book import RouteBook
from baton.chains.spec import KnownToken
from baton.orchestra.errors import OrchestraError
from baton.orchestra.rules.routes import ListedContract
from baton.settings import PartnerAccount


class RouteTokens:
    """Asks the partner APIs of all accounts for the tokens of their routes.

    Args:
        accounts: The current accounts by name.
        clients: Their clients.
        routes: The routes as the APIs last sent them.
    """

    def __init__(self, accounts: Mapping[str, PartnerAccount], clients: AccountClients, routes: RouteBook) -> None:
        self._accounts = accounts
        self._clients = clients
        self._routes = routes

    async def of(self, chain: str) -> list[KnownToken]:
        """Return the tokens of a chain; none of an API that does not answer."""
        lists = await asyncio.gather(*map(self._contracts, list(self._accounts)))
        of_chain = (entry for listed in lists for entry in listed if entry.chain == chain)
        return list(dict.fromkeys(KnownToken(entry.asset, entry.contract, entry.decimals) for entry in of_chain))

    async def _contracts(self, account: str) -> list[ListedContract]:
        try:
            async with self._clients.client(account) as client:
                return await self._routes.contracts(account, client)
        except (ApplicationError, OrchestraError):  # the account is gone, or its key changed during the call
            return []
