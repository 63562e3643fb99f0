"""An address or a link as Orchestra shows it, in one shape for all types."""

from pydantic import BaseModel

from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.orchestra.address_models import AccumulationAddress, LiquidationAddress, StandingDepositAddress
from baton.orchestra.pay_link_models import PayLink
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
        short_url: The URL of a link, for sharing.
        amount_out: What each payment of a link delivers, in smallest destination units.
        amount_fiat_usd: What each payment of a link costs its payer, in US dollars.
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
    short_url: str | None = None
    amount_out: TolerantAmount = None
    amount_fiat_usd: str | None = None
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


def of_pay_link(link: PayLink) -> SourceAtOrchestra:
    """Return a pay link."""
    goal = f"{link.destination_chain}:{link.destination_asset}" if link.destination_chain else None
    return SourceAtOrchestra(
        orchestra_id=link.id,
        enabled=link.enabled,
        destination=goal,
        recipient=link.recipient_address,
        short_url=link.short_url,
        amount_out=link.amount_out,
        amount_fiat_usd=link.amount_fiat_usd,
        created_at=link.created_at,
    )
