"""Public calls for what can be ordered: routes and their limits. They need no key."""

from baton.orchestra import answers
from baton.orchestra.connection import Connection
from baton.orchestra.rules.limits import Limits
from baton.orchestra.rules.routes import RouteCatalogue, RouteList


class CatalogueCalls(Connection):
    """Read the routes, in either generation, and the limits."""

    async def routes(self) -> RouteList:
        """Return every pair of assets that can be exchanged. About 2 MB: cache it for an hour or so."""
        return answers.read(await self._call("GET", "/v1/orchestration/routes"), RouteList)

    async def route_catalogue(self) -> RouteCatalogue:
        """Return every asset with the assets that it can be exchanged for; newer and smaller than `routes`."""
        return answers.read(await self._call("GET", "/v2/orchestration/routes"), RouteCatalogue)

    async def limits(
        self,
        *,
        source_chain: str | None = None,
        source_asset: str | None = None,
        destination_chain: str | None = None,
        destination_asset: str | None = None,
    ) -> Limits:
        """Return the least and the most that may be ordered, for all routes or for those that match.

        For an unsupported pair the answer lists no routes.
        """
        given = {
            "sourceChain": source_chain,
            "sourceAsset": source_asset,
            "destinationChain": destination_chain,
            "destinationAsset": destination_asset,
        }
        query = {name: value for name, value in given.items() if value is not None}
        return answers.read(await self._call("GET", "/v1/orchestration/limits", query=query), Limits)
