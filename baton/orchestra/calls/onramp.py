"""The call that makes a Lightning payment into an order: quoted and submitted in one."""

from baton.orchestra import answers
from baton.orchestra.connection import Connection
from baton.orchestra.onramp_models import OnrampCreated, OnrampPaused, OnrampRequest

_ACCEPTED = 202


class OnrampCalls(Connection):
    """Create onramp orders."""

    async def onramp(self, request: OnrampRequest, key: str) -> OnrampCreated | OnrampPaused:
        """Create an onramp order and get the invoice to pay.

        `baton.orchestra.rules.onramp.check` tells beforehand whether the request keeps the API's rules.

        Args:
            request: What to pay out and how much, as sats, destination units or US dollars.
            key: Idempotency key.

        Returns:
            The order with its invoice and payment links; or an `OnrampPaused`, when the API holds the request back
            for a review and so gives no invoice yet.
        """
        answer = await self._call("POST", "/v1/orchestration/onramp", key=key, json=request.wire())
        if answer.status == _ACCEPTED:
            return answers.read(answer, OnrampPaused)
        return answers.read(answer, OnrampCreated)
