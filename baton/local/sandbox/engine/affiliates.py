"""Affiliates and their claims: fees of completed orders accrue, and a claim pays out a whole balance.

Source: the partner API reference, affiliates and fees. A balance belongs to the ledger in which its fees were taken,
the fee plan's settlement chain and asset; fees of a registered affiliate alone can be claimed.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from baton.local.sandbox.engine.addresses import new_transaction
from baton.local.sandbox.engine.assets import ASSETS, CHAINS
from baton.local.sandbox.engine.clock import SandboxClock, iso
from baton.local.sandbox.engine.engine import Engine
from baton.local.sandbox.engine.memory import Memory, Table
from baton.local.sandbox.engine.pricing import Prices, cents
from baton.local.sandbox.engine.store import Store
from baton.local.sandbox.errors import ApiError, unknown

LEAST_CLAIM_CENTS = 100
"""The smallest balance that can be claimed, in US cents."""

Payouts = Literal["pay", "hold", "fail"]
"""What becomes of new claims: they are paid, stay `processing`, or fail."""

SettlementLedger = tuple[str, str]
"""The chain and the asset in which fees accrued."""


@dataclass
class SandboxAffiliate:
    """A registered affiliate of one partner."""

    id: str
    partner: str
    fee_bps: int
    payout_chain: str
    payout_asset: str
    payout_address: str
    created_at: datetime
    updated_at: datetime
    disabled_at: datetime | None = None

    @property
    def enabled(self) -> bool:
        """Whether orders can name it and its balance can be claimed."""
        return self.disabled_at is None

    @property
    def document(self) -> dict[str, Any]:
        """Return the affiliate as the API writes it."""
        return {
            "affiliateId": self.id,
            "feeBps": self.fee_bps,
            "payoutChain": self.payout_chain,
            "payoutAsset": self.payout_asset,
            "payoutAddress": self.payout_address,
            "enabled": self.enabled,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
            "disabledAt": iso(self.disabled_at) if self.disabled_at else None,
        }


Terms = Mapping[str, SandboxAffiliate]
"""Registered affiliates by id, whose terms a request's fees take."""

NO_TERMS: Terms = MappingProxyType({})


@dataclass
class SandboxClaim:
    """A claim: a whole balance that is paid out. `amount` in smallest units of the ledger's asset."""

    id: str
    partner: str
    affiliate: str
    amount: int
    ledger: SettlementLedger
    payout: tuple[str, str, str]
    created_at: datetime
    status: str = "processing"
    attempts: int = 0
    tx_hash: str | None = None
    error: str | None = None
    completed_at: datetime | None = None

    @property
    def document(self) -> dict[str, Any]:
        """Return the claim as the API writes it."""
        chain, asset, address = self.payout
        return {
            "id": self.id,
            "affiliateId": self.affiliate,
            "amount": str(self.amount),
            "settlementChain": self.ledger[0],
            "settlementAsset": self.ledger[1],
            "payoutChain": chain,
            "payoutAsset": asset,
            "payoutAddress": address,
            "status": self.status,
            "txHash": self.tx_hash,
            "errorMessage": self.error,
            "nextAttemptAt": None,
            "attempts": self.attempts,
            "createdAt": iso(self.created_at),
            "completedAt": iso(self.completed_at) if self.completed_at else None,
        }


@dataclass
class Affiliates:
    """The affiliates of one sandbox, what they earned, and their claims."""

    store: Store
    clock: SandboxClock
    engine: Engine
    prices: Prices
    memory: Memory
    payouts: Payouts = "pay"
    registered: Table[SandboxAffiliate] = field(init=False)
    claims: Table[SandboxClaim] = field(init=False)

    def __post_init__(self) -> None:
        self.registered = self.memory.table("affiliates", SandboxAffiliate)
        self.claims = self.memory.table("claims", SandboxClaim)

    def of(self, partner: str) -> dict[str, SandboxAffiliate]:
        """Return a partner's registered affiliates by id, also the disabled ones."""
        return {each.id: each for each in self.registered.values() if each.partner == partner}

    def put(self, affiliate: SandboxAffiliate) -> SandboxAffiliate:
        """Register an affiliate or change it; a disabled one is enabled again."""
        known = self.of(affiliate.partner).get(affiliate.id)
        if known is not None:
            affiliate.created_at = known.created_at
        self.registered[f"{affiliate.partner}/{affiliate.id}"] = affiliate
        return affiliate

    def get(self, partner: str, affiliate_id: str) -> SandboxAffiliate:
        """Return a registered affiliate.

        Raises:
            ApiError: `not_found`.
        """
        affiliate = self.of(partner).get(affiliate_id)
        if affiliate is None:
            raise unknown(f"no affiliate {affiliate_id}")
        return affiliate

    def disable(self, partner: str, affiliate_id: str) -> None:
        """Let orders no longer name an affiliate, and its balance no longer be claimed.

        Raises:
            ApiError: `not_found`.
        """
        affiliate = self.get(partner, affiliate_id)
        if affiliate.enabled:
            affiliate.disabled_at = affiliate.updated_at = self.clock.now()
        self.registered.changed(f"{partner}/{affiliate_id}")

    def balances(self, partner: str, affiliate_id: str) -> dict[SettlementLedger, int]:
        """Return what an affiliate has earned and not claimed, in smallest units by ledger."""
        sums: dict[SettlementLedger, int] = {}
        for order in self.store.orders_of(partner, lambda order: "feePayouts" in order.facts):
            asset = order.price.fee_asset
            for entry in order.facts["feePayouts"]["entries"]:
                if entry["role"] == "app_fee" and entry["affiliateId"] == affiliate_id:
                    ledger = asset.chain.name, asset.symbol
                    sums[ledger] = sums.get(ledger, 0) + int(entry["recipientAmount"])
        for claim in self.claims_of(partner, affiliate_id):
            if claim.status != "failed":
                sums[claim.ledger] = sums.get(claim.ledger, 0) - claim.amount
        return sums

    def claims_of(self, partner: str, affiliate_id: str) -> list[SandboxClaim]:
        """Return an affiliate's claims, the newest first."""
        claims = [each for each in self.claims.values() if (each.partner, each.affiliate) == (partner, affiliate_id)]
        return claims[::-1]

    def claim(self, partner: str, affiliate_id: str, ledger: SettlementLedger | None) -> SandboxClaim:
        """Claim the whole balance of a ledger, or of the one that is worth most.

        Raises:
            ApiError: `not_found`, `invalid_state` if the affiliate is disabled, `amount_too_small` for less than a
                dollar.
        """
        affiliate = self.get(partner, affiliate_id)
        if not affiliate.enabled:
            raise ApiError("invalid_state", f"affiliate {affiliate_id} is disabled, so its balance cannot be claimed")
        balances = self.balances(partner, affiliate_id)
        chosen = ledger or max(balances, key=lambda each: self._cents(each, balances[each]), default=None)
        amount = balances.get(chosen, 0) if chosen else 0
        if chosen is None or self._cents(chosen, amount) < LEAST_CLAIM_CENTS:
            raise ApiError("amount_too_small", f"the balance of {affiliate_id} is below $1, the least that is paid out")
        payout = affiliate.payout_chain, affiliate.payout_asset, affiliate.payout_address
        claim = SandboxClaim(
            f"clm_{uuid.uuid4()}", partner, affiliate_id, amount, chosen, payout, created_at=self.clock.now()
        )
        self.claims[claim.id] = claim
        self._begin(claim)
        return claim

    def settle(self, claim_id: str, status: str) -> SandboxClaim:
        """Pay a claim out now, or have its payout fail; a failed claim returns its amount to the balance.

        Raises:
            ApiError: `not_found`.
        """
        if claim_id not in self.claims:
            raise unknown(f"no claim {claim_id}")
        claim = self.claims[claim_id]
        claim.status, claim.attempts = status, claim.attempts + 1
        claim.completed_at = self.clock.now()
        if status == "completed":
            claim.tx_hash = new_transaction(CHAINS[claim.payout[0]].family)
        else:
            claim.error = "the payout transaction was rejected"
        self.claims.changed(claim_id)
        return claim

    def resume(self) -> None:
        """Continue the payouts that an earlier process left open."""
        for claim in self.claims.values():
            if claim.status == "processing":
                self._begin(claim)

    def _begin(self, claim: SandboxClaim) -> None:
        if self.payouts != "hold":
            self.engine.spawn(self._pay(claim.id, "completed" if self.payouts == "pay" else "failed"))

    async def _pay(self, claim_id: str, status: str) -> None:
        await self.engine.pause()
        if self.claims[claim_id].status == "processing":
            self.settle(claim_id, status)

    def _cents(self, ledger: SettlementLedger, amount: int) -> int:
        return cents(amount, ASSETS[ledger], self.prices)
