"""An address or a link as Orchestra shows it, in one shape for all types."""

from pydantic import BaseModel

from baton.encoding.amounts import TolerantTime
from baton.orchestra.address_models import AccumulationAddress, LiquidationAddress, StandingDepositAddress
from baton.orchestra.tolerant_fields import TolerantCount

BITCOIN = "bitcoin"


class SourceAtOrchestra(BaseModel):
    """What Orchestra shows of an address or a link; None is what it does not show.

    Attributes:
        orchestra_id: Orchestra's id; of a standing address the business's own reference.
        enabled: Whether deposits become orders.
        addresses: The addresses to pay, by chain.
        destination: What is delivered, such as `spark:BTC`.
        recipient: Who gets it.
        fee_bps: The fee in basis points, fixed when it was created.
        slippage_bps: The slippage bound of its orders in basis points, fixed when it was created.
        zeroconf_enabled: Whether its deposits may be credited before they are confirmed.
        created_at: When Orchestra created it.
    """

    orchestra_id: str
    enabled: bool | None = None
    addresses: dict[str, str] = {}
    destination: str | None = None
    recipient: str | None = None
    fee_bps: TolerantCount = None
    slippage_bps: TolerantCount = None
    zeroconf_enabled: bool | None = None
    created_at: TolerantTime = None


def of_accumulation(address: AccumulationAddress, source_chain: str) -> SourceAtOrchestra:
    """Return an accumulation address; an answer that names no chain is about the one that was requested."""
    given = {address.source_chain or source_chain: address.deposit_address} if address.deposit_address else {}
    asset = address.destination_asset
    return SourceAtOrchestra(
        orchestra_id=address.id,
        enabled=address.enabled,
        addresses=given or address.deposit_addresses,
        destination=f"spark:{asset}" if asset else None,
        recipient=address.recipient_spark_address,
        fee_bps=address.fee_bps,
        slippage_bps=address.slippage_bps,
        created_at=address.created_at,
    )


def of_liquidation(address: LiquidationAddress) -> SourceAtOrchestra:
    """Return a liquidation address."""
    goal = address.destination
    return SourceAtOrchestra(
        orchestra_id=address.id,
        enabled=address.enabled,
        addresses={BITCOIN: address.l1_deposit_address},
        destination=f"{goal.chain}:{goal.asset}" if goal else None,
        recipient=goal.address if goal else None,
        fee_bps=address.fee_bps,
        slippage_bps=address.slippage_bps,
        zeroconf_enabled=address.zeroconf_enabled,
        created_at=address.created_at,
    )


def of_standing(address: StandingDepositAddress) -> SourceAtOrchestra:
    """Return a standing address."""
    goal = address.destination
    return SourceAtOrchestra(
        orchestra_id=address.ref,
        enabled=address.enabled,
        addresses=address.addresses,
        destination=f"{goal.chain}:{goal.asset}" if goal else None,
        recipient=goal.address if goal else None,
        fee_bps=address.fee_bps,
        slippage_bps=address.slippage_bps,
        created_at=address.created_at,
    )
