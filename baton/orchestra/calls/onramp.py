"""The call for an order that is paid over Lightning, quoted and submitted at once."""

from baton.orchestra import answers
from baton.orchestra.connection import Connection
from baton.orchestra.onramp_models import OnrampCreated, OnrampPaused, OnrampRequest

_ACCEPTED = 202


class OnrampCalls(Connection):
    """Create onramp orders."""

    async def onramp(self, request: OnrampRequest, key: str) -> OnrampCreated | OnrampPaused:
        """Create an onramp order and return the invoice to pay.

        `baton.orchestra.rules.onramp.check` checks the API's rules beforehand.

        Args:
            request: What to pay out and how much, in sats, destination units or US dollars.
            key: Idempotency key.

        Returns:
            The order with its invoice and payment links; or an `OnrampPaused` while the API reviews the request, which
            has no invoice yet.
        """
        answer = await self._call("POST", "/v1/orchestration/onramp", key=key, json=request.wire())
        if answer.status == _ACCEPTED:
            return answers.read(answer, OnrampPaused)
        return answers.read(answer, OnrampCreated)
