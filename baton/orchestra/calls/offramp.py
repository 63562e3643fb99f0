"""The call that quotes a payout to a Cash App name or a Lightning address."""

from baton.orchestra import answers
from baton.orchestra.connection import Connection
from baton.orchestra.models import Quote
from baton.orchestra.offramp_models import OfframpRequest


class OfframpCalls(Connection):
    """Quote off-ramps."""

    async def offramp(self, request: OfframpRequest, key: str) -> Quote:
        """Return the price of a payout and the address to deposit to; the deposit makes the order.

        `baton.orchestra.rules.offramp.check` checks the API's rules beforehand.

        Args:
            request: What goes in, in smallest source units, and who is paid.
            key: Idempotency key; the same key with the same request returns the same quote.
        """
        answer = await self._call("POST", "/v1/orchestration/offramp", key=key, json=request.wire())
        return answers.read(answer, Quote)
