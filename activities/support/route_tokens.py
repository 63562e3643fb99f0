"""The tokens of a chain by the partner API's routes: which contract it takes for an asset."""

from collections.abc import Mapping

from temporalio.exceptions import ApplicationError

from activities.support.account_clients import AccountClients
from baton.accounts.route_book import RouteBook
from baton.chains.spec import KnownToken
from baton.orchestra.errors import OrchestraError
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
        tokens: dict[KnownToken, None] = {}
        for account in list(self._accounts):
            try:
                async with self._clients.client(account) as client:
                    listed = await self._routes.contracts(account, client)
            except (ApplicationError, OrchestraError):  # the account is gone, or its key changed during the call
                continue
            of_chain = [entry for entry in listed if entry.chain == chain]
            tokens |= {KnownToken(entry.asset, entry.contract, entry.decimals): None for entry in of_chain}
        return list(tokens)
