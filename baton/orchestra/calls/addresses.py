"""Calls for reusable deposit addresses, of the three kinds. They need a server key.

The reference shows no paging of the lists, so a list that leaves addresses out is possible: read those one by one.
"""

from typing import TypeVar

from baton.orchestra import answers
from baton.orchestra.address_models import (
    AccumulationAddress,
    AccumulationPage,
    AccumulationRequest,
    LiquidationAddress,
    LiquidationPage,
    LiquidationRequest,
    StandingDepositAddress,
    StandingRequest,
)
from baton.orchestra.connection import Connection, path_part
from baton.orchestra.models import Wire

ACCUMULATION = "/v1/accumulation-addresses"
LIQUIDATION = "/v1/liquidation-addresses"
STANDING = "/v1/standing-deposit-addresses"

P = TypeVar("P", bound=Wire)


class AddressCalls(Connection):
    """Create, read, list and disable reusable addresses."""

    async def create_accumulation(self, request: AccumulationRequest, key: str) -> AccumulationAddress:
        """Create an address whose deposits are delivered to Spark."""
        answer = await self._call("POST", ACCUMULATION, key=key, json=request.wire())
        return answers.read(answer, AccumulationAddress)

    async def create_liquidation(self, request: LiquidationRequest, key: str) -> LiquidationAddress:
        """Create a Bitcoin address whose deposits are delivered as another asset."""
        answer = await self._call("POST", LIQUIDATION, key=key, json=request.wire())
        return answers.read(answer, LiquidationAddress)

    async def put_standing(self, ref: str, request: StandingRequest, key: str) -> StandingDepositAddress:
        """Create a standing address under the partner's own reference; a repeat returns the same.

        Raises:
            ErrorAnswer: `instruction_conflict`: the reference has another instruction, which never changes.
        """
        answer = await self._call("PUT", _standing_path(ref), key=key, json=request.wire())
        return answers.read(answer, StandingDepositAddress)

    async def accumulation(self, address_id: str) -> AccumulationAddress:
        """Return an accumulation address."""
        return answers.read(await self._call("GET", _item(ACCUMULATION, address_id)), AccumulationAddress)

    async def liquidation(self, address_id: str) -> LiquidationAddress:
        """Return a liquidation address."""
        return answers.read(await self._call("GET", _item(LIQUIDATION, address_id)), LiquidationAddress)

    async def standing(self, ref: str) -> StandingDepositAddress:
        """Return a standing address."""
        return answers.read(await self._call("GET", _standing_path(ref)), StandingDepositAddress)

    async def accumulations(self, limit: int, offset: int = 0) -> list[AccumulationAddress]:
        """Return a page of the accumulation addresses; entries that cannot be read are left out."""
        return (await self._page(ACCUMULATION, AccumulationPage, limit, offset)).addresses

    async def liquidations(self, limit: int, offset: int = 0) -> list[LiquidationAddress]:
        """Return a page of the liquidation addresses; entries that cannot be read are left out."""
        return (await self._page(LIQUIDATION, LiquidationPage, limit, offset)).addresses

    async def disable_accumulation(self, address_id: str, key: str) -> None:
        """Disable an accumulation address: its deposits no longer become orders."""
        answers.check(await self._call("DELETE", _item(ACCUMULATION, address_id), key=key))

    async def disable_liquidation(self, address_id: str, key: str) -> None:
        """Disable a liquidation address: its deposits no longer become orders."""
        answers.check(await self._call("DELETE", _item(LIQUIDATION, address_id), key=key))

    async def disable_standing(self, ref: str, key: str) -> None:
        """Disable a standing address: its deposits are held."""
        await self._switch(ref, key, enabled=False)

    async def enable_standing(self, ref: str, key: str) -> StandingDepositAddress:
        """Enable a disabled standing address again; what was held because of that may become orders."""
        await self._switch(ref, key, enabled=True)
        return await self.standing(ref)

    async def _switch(self, ref: str, key: str, *, enabled: bool) -> None:
        answers.check(await self._call("PATCH", _standing_path(ref), key=key, json={"enabled": enabled}))

    async def _page(self, path: str, model: type[P], limit: int, offset: int) -> P:
        query = {"limit": str(limit), "offset": str(offset), "includeDisabled": "true"}
        return answers.read(await self._call("GET", path, query=query), model)


def _item(collection: str, address_id: str) -> str:
    return f"{collection}/{path_part('address_id', address_id)}"


def _standing_path(ref: str) -> str:
    return f"{STANDING}/{path_part('ref', ref)}"
