"""Calls about deposits to reusable addresses: look for missed ones, list those of standing addresses, refund held ones.

Source: the partner API reference, reusable addresses. It names the refund of accumulation deposits without its body:
here the body names the transaction and, if given, where the money goes.
"""

from baton.orchestra import answers
from baton.orchestra.address_deposit_models import RefundAnswer, ReindexAnswer, StandingDepositPage
from baton.orchestra.connection import Connection, path_part
from baton.orchestra.errors import NotFound

MAX_DEPOSITS = 200
"""How many deposits one page may have."""

_ACCUMULATION = "/v1/accumulation-addresses"
_STANDING = "/v1/standing-deposit-addresses"


class AddressDepositCalls(Connection):
    """Deposits to reusable addresses. They need a server key."""

    async def reindex_accumulation(self, address_id: str, key: str) -> ReindexAnswer:
        """Have the API look for deposits to an accumulation address that it missed.

        An API of an older generation has `sync` in its place.
        """
        item = f"{_ACCUMULATION}/{path_part('address_id', address_id)}"
        try:
            answer = await self._call("POST", f"{item}/reindex", key=key, json={})
            return answers.read(answer, ReindexAnswer)
        except NotFound:
            answer = await self._call("POST", f"{item}/sync", key=key, json={})
            return answers.read(answer, ReindexAnswer)

    async def refund_accumulation(
        self, address_id: str, tx_id: str, key: str, refund_address: str | None = None
    ) -> RefundAnswer:
        """Refund a deposit to an accumulation address that did not become an order."""
        body = {"sourceTxHash": tx_id, **({"refundAddress": refund_address} if refund_address else {})}
        path = f"{_ACCUMULATION}/{path_part('address_id', address_id)}/refund"
        return answers.read(await self._call("POST", path, key=key, json=body), RefundAnswer)

    async def standing_deposits(self, ref: str, limit: int = MAX_DEPOSITS, offset: int = 0) -> StandingDepositPage:
        """Return a page of the deposits to a standing address, newest first; entries that cannot be read are left out.

        Raises:
            ValueError: `limit` or `offset` is out of bounds.
        """
        if not 1 <= limit <= MAX_DEPOSITS or offset < 0:
            raise ValueError(f"limit is 1 to {MAX_DEPOSITS}, and offset is not negative")
        path = f"{_STANDING}/{path_part('ref', ref)}/deposits"
        answer = await self._call("GET", path, query={"limit": str(limit), "offset": str(offset)})
        return answers.read(answer, StandingDepositPage)

    async def resolve_standing(self, ref: str, deposit_id: str, refund_address: str, key: str) -> RefundAnswer:
        """Refund a held deposit of a standing address.

        Raises:
            ErrorAnswer: `refund_not_available`: it is not held; `instruction_conflict`: it goes elsewhere already.
        """
        body = {"depositIds": [deposit_id], "refundAddress": refund_address}
        path = f"{_STANDING}/{path_part('ref', ref)}/resolve"
        return answers.read(await self._call("POST", path, key=key, json=body), RefundAnswer)
