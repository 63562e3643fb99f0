"""What Orchestra tells of an order beside its life, section by section, for `baton show`. Pure.

A section is there only where something is told; everything else stays in `--json`. Amounts are smallest units.
"""

from typing import TYPE_CHECKING

from rich.text import Text

from baton.cli.views.order_details import FeePlan, PlannedFee, PriceLock, SwapLeg, swap_legs
from baton.cli.views.rendering import Row, awaits_payer, section, words
from baton.cli.views.wording import amount, moment
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.fees import FeePayout, read_payouts
from baton.orchestra.rules.money import EXACT_OUT, read_intent
from baton.orchestra.rules.reprice import read_reprice

if TYPE_CHECKING:
    from baton.orders.answers import DepositLine, Snapshot
    from baton.orders.reports import RepriceReport


def record_of(order: "Snapshot") -> OrderRecord:
    """Return what a snapshot's `records` hold, as the API's own model reads it."""
    named = {"id": order.order_id or "-", "status": order.status or "-"}
    return OrderRecord.model_validate({**order.records, **named})


def record_sections(order: "Snapshot") -> list[Text]:
    """Return the sections about money, price and way."""
    record = record_of(order)
    return [
        *section("Received", _received(order)),
        *section("Deposits seen", [_seen(order.source_asset, one) for one in order.deposits]),
        *section("Exact output", _intent(order, record)),
        *section("Fees", _fees(order, record)),
        *section("In dollars", _dollars(record)),
        *section("Price lock", _lock(order, record)),
        *section("Repricing", _reprice(order, record)),
        *section("Exchanges", _swaps(record)),
        *section("Pay link", [("id", record.pay_link_id), ("label", record.pay_link_label)]),
        *section("Steps done", [(words(one.name), moment(one.completed_at)) for one in record.stages or []]),
    ]


def _received(order: "Snapshot") -> list[Row]:
    told = order.received
    # Before its invoice is paid, an onramp's record tells the amount asked for as if it had come in.
    if told is None or awaits_payer(order):
        return []
    agreed = amount(told.least, order.source_asset)
    if told.most != told.least:
        agreed = (
            f"at least {agreed}" if told.most is None else f"{told.least} to {amount(told.most, order.source_asset)}"
        )
    return [("came in", amount(told.received, order.source_asset)), ("agreed", agreed), ("that is", words(told.name))]


def _seen(asset: str, one: "DepositLine") -> Row:
    submitted = ", submitted" if one.submitted else ""
    told = f"{amount(one.amount, one.asset or asset)}, {one.state}, {one.confirmations} confirmations{submitted}"
    return words(one.verdict), f"{told}, tx {one.tx_id}"


def _intent(order: "Snapshot", record: OrderRecord) -> list[Row]:
    intent = read_intent(record)
    if intent is None or intent.amount_mode != EXACT_OUT:
        return []
    source = order.source_asset
    return [
        ("target", amount(intent.target_amount_out, order.destination_asset)),
        ("needs", amount(intent.required_amount_in, source)),
        ("at most", amount(intent.max_accepted_amount_in, source)),
        ("came in", amount(intent.actual_amount_in, source)),
        ("refund to", intent.refund_address),
    ]


def _fees(order: "Snapshot", record: OrderRecord) -> list[Row]:
    plan = FeePlan.model_validate(record.fee_plan or {})
    asset = order.fee_asset
    return [
        ("fee", _with_bps(amount(order.fee_amount, asset), record.fee_bps)),
        ("fees, all", _with_bps(amount(record.total_fee_amount, asset), record.total_fee_bps)),
        ("rounding", amount(record.rounding_fee_amount or None, asset)),
        ("settled in", _asset_of(plan)),
        *[("planned", _planned(fee)) for fee in plan.app_fees],
        *[(words(one.role or "payout"), _payout(one, plan.settlement_asset)) for one in read_payouts(record)],
    ]


def _with_bps(told: str | None, bps: int | None) -> str | None:
    return f"{told}, {bps} bps" if told and bps is not None else told


def _asset_of(plan: FeePlan) -> str | None:
    return f"{plan.settlement_asset} on {plan.settlement_chain}" if plan.settlement_asset else None


def _whom(recipient: str | None, affiliate: str | None) -> str:
    return f"to {recipient or 'nobody named'}" + (f" (affiliate {affiliate})" if affiliate else "")


def _planned(fee: PlannedFee) -> str:
    share = f"{fee.fee_bps} bps " if fee.fee_bps is not None else ""
    return share + _whom(fee.recipient, fee.affiliate_id)


def _payout(one: FeePayout, asset: str | None) -> str:
    whole = amount(one.amount, asset) or "an amount not told"
    parts = [f"{whole} {_whom(one.recipient, one.affiliate_id)}"]
    if one.recipient_amount is not None and one.platform_cut_amount is not None:
        parts.append(f"{one.recipient_amount} for the recipient, {one.platform_cut_amount} for the platform")
    if one.tx_hash:
        parts.append(f"tx {one.tx_hash}")
    return ", ".join(parts)


def _dollars(record: OrderRecord) -> list[Row]:
    currency = record.amount_fiat_currency or "USD"
    told = {
        "asked for": f"{record.amount_fiat_usd} {currency}" if record.amount_fiat_usd else None,
        "in": record.amount_in_usd,
        "out": record.amount_out_usd,
        "fee": record.fee_amount_usd,
        "fees, all": record.total_fee_amount_usd,
        "one BTC": record.spot_usd_per_btc,
    }
    return list(told.items())


def _lock(order: "Snapshot", record: OrderRecord) -> list[Row]:
    if record.price_lock is None:
        return []
    lock = PriceLock.model_validate(record.price_lock)
    out = order.destination_asset
    return [
        ("kind", words(lock.mode) if lock.mode else None),
        ("quoted", amount(lock.quoted_amount_out, out)),
        ("at least", amount(lock.locked_min_amount_out, out)),
        ("slippage", f"{lock.slippage_bps} bps" if lock.slippage_bps is not None else None),
        ("until", moment(lock.expires_at) if lock.expires_at else None),
    ]


def _reprice(order: "Snapshot", record: OrderRecord) -> list[Row]:
    return [*_question(order, record), *[("answer", _answer(order, report)) for report in order.reprices]]


def _question(order: "Snapshot", record: OrderRecord) -> list[Row]:
    question = read_reprice(record)
    if question is None:
        return []
    out, loss = order.destination_asset, question.loss_bps
    return [
        ("state", words(question.status)),
        ("because", words(question.reason) if question.reason else None),
        ("was", amount(question.previous_locked_min_amount_out, out)),
        ("proposed", _with_loss(amount(question.proposed_min_amount_out, out), loss)),
        ("now expected", amount(question.latest_expected_amount_out, out)),
        ("asked", moment(question.requested_at) if question.requested_at else None),
        ("settled", moment(question.resolved_at) if question.resolved_at else None),
    ]


def _with_loss(told: str | None, loss: int | None) -> str | None:
    return f"{told}, {loss} bps less" if told and loss is not None else told


def _answer(order: "Snapshot", report: "RepriceReport") -> str:
    least = f" down to {amount(report.minimum, order.destination_asset)}" if report.minimum is not None else ""
    parts = [f"{report.action}{least} by {report.by}", *report.reasons]
    if report.refused:
        late = ", because it came too late" if report.too_late else ""
        parts.append(f"not taken by Orchestra{late}: {report.refused}")
    return "; ".join(parts)


def _swaps(record: OrderRecord) -> list[Row]:
    ways = {"going in": record.ingress_swap, "exchange": record.swap, "going out": record.egress_swap}
    return [(name, _leg(leg)) for name, swap in ways.items() for leg in swap_legs(swap)]


def _leg(leg: SwapLeg) -> str:
    got = amount(leg.amount_out, leg.asset_out_address)
    expected = None if got else amount(leg.expected_amount_out, leg.asset_out_address)
    parts = [
        f"{amount(leg.amount_in, leg.asset_in_address) or '?'} → {got or (f'about {expected}' if expected else '?')}",
        f"at least {leg.min_amount_out}" if leg.min_amount_out is not None else "",
        f"price impact {leg.simulation.price_impact_pct} %"
        if leg.simulation and leg.simulation.price_impact_pct
        else "",
        f"by {leg.provider}" if leg.provider else "",
    ]
    return ", ".join(part for part in parts if part)
