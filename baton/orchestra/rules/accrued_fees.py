"""App fees of an order as they accrue to their recipients, each in the ledger that its fee plan settles in. Pure.

Source: the partner API reference, sub-objects and affiliates: the platform keeps its cut of each fee, the recipient
gets the rest. Nothing is computed that the order does not say: a share that neither stands there nor follows from what
does is unknown.
"""

from datetime import datetime
from typing import Any, NamedTuple

from baton.orchestra.models import Text, Wire
from baton.orchestra.rules.fees import FeePayout, payouts_in

APP_FEE = "app_fee"


class AccruedFee(NamedTuple):
    """One app fee of one order.

    Attributes:
        key: What names the fee within its account, the same in every observation of the order.
        affiliate_id: The affiliate that it belongs to; None for a recipient that the order names itself.
        chain: The chain in which it settles; None where the order does not say.
        asset: The asset in which it settles.
        amount: The whole fee in smallest units; None where the order does not say.
        recipient_amount: The recipient's share of it.
        tx_hash: Its transaction, where it was paid out with the order.
        recorded_at: When Orchestra recorded it.
    """

    key: str
    affiliate_id: str | None
    chain: str | None
    asset: str | None
    amount: int | None
    recipient_amount: int | None
    tx_hash: str | None
    recorded_at: datetime | None


class _Settlement(Wire):
    settlement_chain: Text = None
    settlement_asset: Text = None


def accrued_fees(fee_payouts: dict[str, Any] | None, fee_plan: dict[str, Any] | None) -> list[AccruedFee]:
    """Return the app fees that an order has paid so far.

    Args:
        fee_payouts: The order's `feePayouts`, or None.
        fee_plan: The order's `feePlan`, or None.
    """
    plan = _Settlement.model_validate(fee_plan or {})
    payouts = [payout for payout in payouts_in(fee_payouts) if payout.role == APP_FEE]
    return [_accrued(position, payout, plan) for position, payout in enumerate(payouts)]


def _accrued(position: int, payout: FeePayout, plan: _Settlement) -> AccruedFee:
    return AccruedFee(
        key=payout.idempotency_key or f"{payout.leg or 'full'}:{APP_FEE}:{position}",
        affiliate_id=payout.affiliate_id,
        chain=plan.settlement_chain or payout.chain,
        asset=plan.settlement_asset,
        amount=payout.amount,
        recipient_amount=_recipients_share(payout),
        tx_hash=payout.tx_hash,
        recorded_at=payout.recorded_at,
    )


def _recipients_share(payout: FeePayout) -> int | None:
    if payout.recipient_amount is not None or payout.amount is None or payout.platform_cut_amount is None:
        return payout.recipient_amount
    return max(payout.amount - payout.platform_cut_amount, 0)
