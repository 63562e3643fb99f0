"""Reusable addresses as their payers see them: one deposit address on one chain, and what it may be paid in."""

from collections.abc import Mapping
from dataclasses import dataclass

from baton.local.sandbox.engine.assets import SandboxChain
from baton.local.sandbox.engine.pricing import PricedAppFee
from baton.local.sandbox.engine.routes import SandboxRoute


@dataclass(frozen=True)
class Payee:
    """One deposit address of a reusable address.

    Attributes:
        id: Id of the reusable address.
        partner: Its owner.
        chain: Chain of the deposit address.
        deposit_address: Address to pay.
        routes: Routes of its deposits, by the symbol of the source asset; a deposit of another asset is no order.
        recipient: Address that gets the output.
        refund_address: Address that gets refunds, if known.
        slippage_bps: Slippage bound of every order, in basis points.
        app_fees: Fees of the partner and of affiliates.
        zeroconf: Whether Bitcoin deposits may get a ZeroConf offer.
        enabled: Whether deposits become orders.
    """

    id: str
    partner: str
    chain: SandboxChain
    deposit_address: str
    routes: Mapping[str, SandboxRoute]
    recipient: str
    refund_address: str | None
    slippage_bps: int
    app_fees: tuple[PricedAppFee, ...]
    zeroconf: bool
    enabled: bool
