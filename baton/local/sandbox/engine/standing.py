"""Standing deposit addresses: under a partner's own reference, one address on each source chain, one destination.

Source: the partner API reference, standing deposit addresses. The chains of one family share an address here, unless a
chain has a local node of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from baton.local.sandbox.engine.assets import ASSETS, CHAINS, Asset, SandboxFamily
from baton.local.sandbox.engine.clock import iso
from baton.local.sandbox.engine.payees import Payee
from baton.local.sandbox.engine.pricing import PricedAppFee
from baton.local.sandbox.engine.routes import SandboxRoute, find_route

NO_SOURCE = (SandboxFamily.SPARK, SandboxFamily.LIGHTNING)
"""Families whose chains cannot be a source of standing addresses."""


@dataclass(frozen=True)
class Instruction:
    """What becomes of every deposit. It never changes.

    Attributes:
        chain: Destination chain.
        asset: Destination asset.
        recipient: Address that gets the output.
        slippage_bps: Slippage bound of every order, in basis points.
        fees: Fees of affiliates.
        refund_addresses: Addresses that get refunds, by source chain.
    """

    chain: str
    asset: str
    recipient: str
    slippage_bps: int
    fees: tuple[PricedAppFee, ...]
    refund_addresses: Mapping[str, str]

    def routes_from(self, chain: str) -> dict[str, SandboxRoute]:
        """Return the routes from a source chain, by the symbol of the source asset."""
        target = (self.chain, self.asset)
        sources = (key for key in ASSETS if key[0] == chain and key != target)
        return {symbol: find_route((name, symbol), target) for name, symbol in sources}


@dataclass
class StandingAddress:
    """A standing deposit address.

    Attributes:
        ref: The partner's reference.
        id: `sta_...`.
        partner: Its owner.
        instruction: What becomes of every deposit.
        addresses: The address to pay, by source chain.
        created_at: Time of its creation.
        enabled: Whether deposits become orders; while they do not, they are held.
    """

    ref: str
    id: str
    partner: str
    instruction: Instruction
    addresses: dict[str, str]
    created_at: datetime
    enabled: bool = True

    def payee(self, chain: str) -> Payee:
        """Return what a payer on that chain pays."""
        instruction = self.instruction
        return Payee(
            id=self.id,
            partner=self.partner,
            chain=CHAINS[chain],
            deposit_address=self.addresses[chain],
            routes=instruction.routes_from(chain),
            recipient=instruction.recipient,
            refund_address=instruction.refund_addresses.get(chain),
            slippage_bps=instruction.slippage_bps,
            app_fees=instruction.fees,
            zeroconf=True,
            enabled=self.enabled,
        )

    @property
    def document(self) -> dict[str, Any]:
        """Return the address as its endpoint writes it."""
        instruction = self.instruction
        return {
            "ref": self.ref,
            "standingAddressId": self.id,
            "destination": {
                "chain": instruction.chain,
                "asset": instruction.asset,
                "address": instruction.recipient,
            },
            "slippageBps": instruction.slippage_bps,
            "affiliateIds": [{"affiliateId": fee.affiliate_id, "feeBps": fee.bps} for fee in instruction.fees],
            "refundAddresses": dict(instruction.refund_addresses),
            "addresses": dict(self.addresses),
            "enabled": self.enabled,
            "createdAt": iso(self.created_at),
        }


def destinations() -> list[Asset]:
    """Return the assets that a standing address can deliver."""
    return [asset for asset in ASSETS.values() if asset.chain.family is not SandboxFamily.LIGHTNING]
