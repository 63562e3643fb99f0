"""The part of the admin API about affiliates: their balances, and what becomes of their claims."""

from functools import partial
from typing import Any, Literal

from starlette.requests import Request
from starlette.routing import Route as HttpRoute

from baton.local.sandbox.admin.bodies import AdminBody, admin_route, read_body
from baton.local.sandbox.engine.affiliates import Payouts
from baton.local.sandbox.engine.world import SandboxWorld


class ClaimPayouts(AdminBody):
    """Body of `POST /sandbox/claims`: what becomes of new claims."""

    payouts: Payouts


class ClaimEnd(AdminBody):
    """Body of `POST /sandbox/claims/{id}`: how a claim ends now."""

    status: Literal["completed", "failed"] = "completed"


class AffiliateAdmin:
    """The handlers of balances and claims."""

    def __init__(self, world: SandboxWorld) -> None:
        self._affiliates = world.affiliates

    async def balances(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/affiliates/{partner}/{id}`: what an affiliate has earned and not claimed."""
        balances = self._affiliates.balances(request.path_params["partner"], request.path_params["id"])
        return {"balances": {":".join(ledger): str(amount) for ledger, amount in balances.items()}}

    async def claims(self, request: Request) -> dict[str, Any]:
        """`GET /sandbox/claims`: every claim."""
        return {"claims": [claim.document for claim in self._affiliates.claims.values()]}

    async def choose(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/claims`: set what becomes of new claims."""
        self._affiliates.payouts = (await read_body(request, ClaimPayouts)).payouts
        return {"payouts": self._affiliates.payouts}

    async def settle(self, request: Request) -> dict[str, Any]:
        """`POST /sandbox/claims/{id}`: end a claim now."""
        end = await read_body(request, ClaimEnd)
        return self._affiliates.settle(request.path_params["id"], end.status).document


def affiliate_admin_routes(world: SandboxWorld) -> list[HttpRoute]:
    """Return the HTTP routes of the handlers."""
    admin, route = AffiliateAdmin(world), partial(admin_route, world)
    return [
        route("GET", "/affiliates/{partner}/{id}", admin.balances),
        route("GET", "/claims", admin.claims),
        route("POST", "/claims", admin.choose),
        route("POST", "/claims/{id}", admin.settle),
    ]
