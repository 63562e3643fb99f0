"""Calls of the order API that go straight to Orchestra: prices, routes, limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from baton.errors import BatonError, Unreachable
from baton.gateway.parts import GatewayParts
from baton.metrics.observers import call_observer
from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import OrchestraError, RateLimited, Refused, Unauthorized

TIMEOUT = 10.0
"""Seconds that one call may take: somebody waits for it."""


class OrchestraRefused(BatonError):
    """Orchestra refuses to answer a call; the code is its own."""


@asynccontextmanager
async def orchestra(parts: GatewayParts, account_name: str) -> AsyncIterator[OrchestraClient]:
    """Open the client of a partner account, which must be one of the gateway's.

    Raises:
        OrchestraRefused: Orchestra refuses a call in the block.
        Unreachable: It does not answer, or does not accept the account's key.
    """
    account = parts.accounts[account_name]
    key, observe = account.api_key.get_secret_value(), call_observer(account_name)
    seconds = min(TIMEOUT, account.request_timeout)
    async with OrchestraClient(account.base_url, key, timeout=seconds, observe=observe) as client:
        try:
            yield client
        except OrchestraError as error:
            raise _translated(error) from None


def _translated(error: OrchestraError) -> BatonError:
    if isinstance(error, Unauthorized):
        return Unreachable(error.code, error.message, "the operator must check the account's API key")
    if isinstance(error, Refused) and not isinstance(error, RateLimited):
        return OrchestraRefused(error.code, error.message, "change the request")
    return Unreachable(error.code, f"Orchestra did not answer: {error.message}", "ask again, which is safe")
