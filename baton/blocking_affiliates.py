"""The blocking client's calls about affiliates."""

from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from baton.affiliates.messages import AffiliateReport, BalanceLine, ClaimView
from baton.client_affiliates import AffiliateClient
from baton.orchestra.affiliate_models import Affiliate, AffiliateClaim

T = TypeVar("T")


class LoopRunner(Protocol):
    """Runs calls in an event loop of its own."""

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        """Run a call and return its result."""


class BlockingAffiliateClient:
    """Affiliates for code without an event loop; part of `BlockingBatonClient`."""

    def __init__(self, client: AffiliateClient, thread: LoopRunner) -> None:
        self._affiliate_client = client
        self._affiliate_calls = thread

    def register_affiliate(
        self,
        affiliate_id: str,
        account: str = "default",
        *,
        fee_bps: int,
        payout_chain: str,
        payout_asset: str,
        payout_address: str,
    ) -> Affiliate:
        """Register an affiliate, or change the one with this id; repeating it is harmless.

        Args:
            affiliate_id: 1 to 64 small letters, digits, dashes and underscores.
            account: The partner account.
            fee_bps: Its fee of each order that names it, 1 to 9999 basis points.
            payout_chain: The chain to which its claims are paid out.
            payout_asset: The asset in which they are paid out.
            payout_address: The address to which they are paid out.

        Raises:
            InvalidArgument: An argument cannot be right; nothing was sent.
            AffiliateRefused: Orchestra refuses it.
            Unreachable: No answer in time.
        """
        terms = {"payout_chain": payout_chain, "payout_asset": payout_asset, "payout_address": payout_address}
        call = self._affiliate_client.register_affiliate(affiliate_id, account, fee_bps=fee_bps, **terms)
        return self._affiliate_calls.run(call)

    def affiliates(self, account: str = "default", *, include_disabled: bool = False) -> list[Affiliate]:
        """Return the account's affiliates at Orchestra."""
        return self._affiliate_calls.run(self._affiliate_client.affiliates(account, include_disabled=include_disabled))

    def disable_affiliate(self, affiliate_id: str, account: str = "default") -> None:
        """Disable an affiliate: orders can no longer name it, and its balance cannot be claimed; claim it before."""
        self._affiliate_calls.run(self._affiliate_client.disable_affiliate(affiliate_id, account))

    def affiliate_balance(self, affiliate_id: str, account: str = "default") -> list[BalanceLine]:
        """Return what an affiliate earned by the orders that Baton has seen, and what was claimed of it.

        One line for each chain and asset in which its fees settle. Orchestra has no call for a balance.
        """
        return self._affiliate_calls.run(self._affiliate_client.affiliate_balance(affiliate_id, account))

    def affiliate_report(self, account: str = "default") -> AffiliateReport:
        """Return what each affiliate of the account earned, held against its claims."""
        return self._affiliate_calls.run(self._affiliate_client.affiliate_report(account))

    def claim_affiliate(
        self, affiliate_id: str, account: str = "default", *, settlement: tuple[str, str] | None = None
    ) -> ClaimView:
        """Claim an affiliate's whole balance, or join its claim that is under way; its payout follows later.

        Args:
            affiliate_id: The affiliate.
            account: The partner account.
            settlement: The chain and the asset of the balance, where it has several; by default Orchestra chooses.

        Raises:
            AffiliateRefused: Orchestra does not take the claim, for instance because the balance is below $1.
            Unreachable: No answer in time; the claim is under way, and claiming again joins it.
        """
        return self._affiliate_calls.run(
            self._affiliate_client.claim_affiliate(affiliate_id, account, settlement=settlement)
        )

    def claims(self, affiliate_id: str, account: str = "default") -> list[AffiliateClaim]:
        """Return an affiliate's claims at Orchestra."""
        return self._affiliate_calls.run(self._affiliate_client.claims(affiliate_id, account))
