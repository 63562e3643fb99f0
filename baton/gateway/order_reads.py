"""The one read of the gateway: which output a Bitcoin deposit to a reusable address is, as no webhook says it."""

from collections.abc import Mapping

from baton.gateway.signals import NotHandedOver
from baton.metrics.observers import call_observer
from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import OrchestraError
from baton.orchestra.models import OrderRecord
from baton.settings import PartnerAccount

READ_TIMEOUT = 3.0
"""Seconds that the read may take; Orchestra waits for our response, and delivers again anyway."""


class OrderReads:
    """Reads orders at Orchestra.

    Args:
        accounts: The partner accounts by name.
    """

    def __init__(self, accounts: Mapping[str, PartnerAccount]) -> None:
        self._accounts = accounts

    async def __call__(self, account_name: str, order_id: str) -> OrderRecord:
        """Return an order as Orchestra has it now.

        Raises:
            NotHandedOver: Orchestra did not answer, so the webhook must come again.
        """
        account = self._accounts[account_name]
        key, observe = account.api_key.get_secret_value(), call_observer(account_name)
        try:
            async with OrchestraClient(account.base_url, key, timeout=READ_TIMEOUT, observe=observe) as client:
                return (await client.status(order_id=order_id)).order
        except OrchestraError as error:
            message = f"the order's deposit could not be read: {error.code}: {error.message}"
            raise NotHandedOver(message) from None
