"""Requests for addresses, for tests of the pure decisions."""

from datetime import UTC, datetime
from typing import Any

from baton.orchestra.address_models import AccumulationRequest, LiquidationRequest, StandingRequest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVM = "0x52908400098527886E0F7030069857D2E4169EE7"


def accumulation(**given: Any) -> AccumulationRequest:
    """Return a request for an accumulation address of USDC on Base."""
    fields = {
        "source_chain": "base",
        "source_asset": "USDC",
        "destination_asset": "BTC",
        "recipient_spark_address": "spark1recipient",
    }
    return AccumulationRequest.model_validate(fields | given)


def liquidation(**given: Any) -> LiquidationRequest:
    """Return a request for a liquidation address that delivers USDC on Base."""
    fields = {"destination_chain": "base", "destination_asset": "USDC", "destination_address": EVM}
    return LiquidationRequest.model_validate(fields | given)


def standing(**given: Any) -> StandingRequest:
    """Return a request for a standing address that delivers USDC on Base."""
    return StandingRequest.model_validate({"destination": {"chain": "base", "asset": "USDC", "address": EVM}} | given)
