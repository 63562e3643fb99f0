"""The parts of Orchestra's order record that `baton show` prints, section by section. Pure.

A section appears only if the record has something for it; the rest is in `--json`.
"""

from typing import TYPE_CHECKING

from rich.text import Text

from baton.cli.views.layout import Row, section
from baton.cli.views.payment import awaits_payer
from baton.cli.views.record_models import FeePlan, PlannedFee, PriceLock, SwapLeg, swap_legs
from baton.cli.views.units import both_units, decimals_in, in_destination, in_source
from baton.cli.views.values import amount, moment, words
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.fees import FeePayout, read_payouts
from baton.orchestra.rules.money import EXACT_OUT, read_intent
from baton.orchestra.rules.reprice import read_reprice

if TYPE_CHECKING:
    from baton.orders.answers import DepositLine, Snapshot
    from baton.orders.reports import RepriceReport


def record_of(order: "Snapshot") -> OrderRecord:
    """Return a snapshot's `records` as the API's own model."""
    required = {"id": order.order_id or "-", "status": order.status or "-"}
    return OrderRecord.model_validate({**order.records, **required})


def record_sections(order: "Snapshot") -> list[Text]:
    """Return the sections about money, price and path."""
    record = record_of(order)
    return [
        *section("Received", _received(order)),
        *section("Deposits seen", [_seen(order, deposit) for deposit in order.deposits]),
        *section("Exact output", _intent(order, record)),
        *section("Fees", _fees(order, record)),
        *section("In dollars", _dollars(record)),
        *section("Price lock", _lock(order, record)),
        *section("Repricing", _reprice(order, record)),
        *section("Swaps", _swaps(record)),
        *section("Pay link", [("id", record.pay_link_id), ("label", record.pay_link_label)]),
        *section("Stages", [(words(stage.name), moment(stage.completed_at)) for stage in record.stages or []]),
    ]


def _received(order: "Snapshot") -> list[Row]:
    received = order.received
    # Before its invoice is paid, an onramp's record states the requested amount as if it had been received.
    if received is None or awaits_payer(order):
        return []
    least, most = in_source(order, received.least), in_source(order, received.most)
    expected = least
    if received.most != received.least:
        expected = f"at least {least}" if most is None else f"{least} to {most}"
    return [
        ("received", in_source(order, received.received)),
        ("expected", expected),
        ("verdict", words(received.name)),
    ]


def _seen(order: "Snapshot", deposit: "DepositLine") -> Row:
    submitted = ", submitted" if deposit.submitted else ""
    asset = deposit.asset or order.source_asset
    own = order.source_decimals if asset == order.source_asset else None
    paid = both_units(deposit.amount, asset, own if deposit.decimals is None else deposit.decimals)
    state = f"{deposit.state}, {deposit.confirmations} confirmations{submitted}"
    return words(deposit.verdict), f"{paid}, {state}, tx {deposit.tx_id}"


def _intent(order: "Snapshot", record: OrderRecord) -> list[Row]:
    intent = read_intent(record)
    if intent is None or intent.amount_mode != EXACT_OUT:
        return []
    return [
        ("target", in_destination(order, intent.target_amount_out)),
        ("required", in_source(order, intent.required_amount_in)),
        ("at most", in_source(order, intent.max_accepted_amount_in)),
        ("received", in_source(order, intent.actual_amount_in)),
        ("refund to", intent.refund_address),
    ]


def _fees(order: "Snapshot", record: OrderRecord) -> list[Row]:
    plan = FeePlan.model_validate(record.fee_plan or {})
    asset = order.fee_asset or (order.amounts.fee.asset if order.amounts.fee else None)
    decimals = order.amounts.fee.decimals if order.amounts.fee else None
    settled = decimals_in(order, plan.settlement_chain, plan.settlement_asset)
    return [
        ("fee", _with_bps(both_units(order.fee_amount, asset, decimals), record.fee_bps)),
        ("total fees", _with_bps(both_units(record.total_fee_amount, asset, decimals), record.total_fee_bps)),
        ("rounding", both_units(record.rounding_fee_amount or None, asset, decimals)),
        ("settled in", _asset_of(plan)),
        *[("planned", _planned(fee)) for fee in plan.app_fees],
        *[(words(payout.role or "payout"), _payout(payout, plan, settled)) for payout in read_payouts(record)],
    ]


def _with_bps(fee: str | None, bps: int | None) -> str | None:
    return f"{fee}, {bps} bps" if fee and bps is not None else fee


def _asset_of(plan: FeePlan) -> str | None:
    return f"{plan.settlement_asset} on {plan.settlement_chain}" if plan.settlement_asset else None


def _to(recipient: str | None, affiliate: str | None) -> str:
    return f"to {recipient or 'an unnamed recipient'}" + (f" (affiliate {affiliate})" if affiliate else "")


def _planned(fee: PlannedFee) -> str:
    share = f"{fee.fee_bps} bps " if fee.fee_bps is not None else ""
    return share + _to(fee.recipient, fee.affiliate_id)


def _payout(payout: FeePayout, plan: FeePlan, decimals: int | None) -> str:
    whole = both_units(payout.amount, plan.settlement_asset, decimals) or "an unknown amount"
    parts = [f"{whole} {_to(payout.recipient, payout.affiliate_id)}"]
    if payout.recipient_amount is not None and payout.platform_cut_amount is not None:
        parts.append(f"{payout.recipient_amount} for the recipient, {payout.platform_cut_amount} for the platform")
    if payout.tx_hash:
        parts.append(f"tx {payout.tx_hash}")
    return ", ".join(parts)


def _dollars(record: OrderRecord) -> list[Row]:
    currency = record.amount_fiat_currency or "USD"
    figures = {
        "requested": f"{record.amount_fiat_usd} {currency}" if record.amount_fiat_usd else None,
        "in": record.amount_in_usd,
        "out": record.amount_out_usd,
        "fee": record.fee_amount_usd,
        "total fees": record.total_fee_amount_usd,
        "one BTC": record.spot_usd_per_btc,
    }
    return list(figures.items())


def _lock(order: "Snapshot", record: OrderRecord) -> list[Row]:
    if record.price_lock is None:
        return []
    lock = PriceLock.model_validate(record.price_lock)
    return [
        ("kind", words(lock.mode) if lock.mode else None),
        ("quoted", in_destination(order, lock.quoted_amount_out)),
        ("at least", in_destination(order, lock.locked_min_amount_out)),
        ("slippage", f"{lock.slippage_bps} bps" if lock.slippage_bps is not None else None),
        ("until", moment(lock.expires_at) if lock.expires_at else None),
    ]


def _reprice(order: "Snapshot", record: OrderRecord) -> list[Row]:
    return [*_question(order, record), *[("answer", _answer(order, report)) for report in order.reprices]]


def _question(order: "Snapshot", record: OrderRecord) -> list[Row]:
    question = read_reprice(record)
    if question is None:
        return []
    loss = question.loss_bps
    return [
        ("state", words(question.status)),
        ("because", words(question.reason) if question.reason else None),
        ("locked", in_destination(order, question.previous_locked_min_amount_out)),
        ("proposed", _with_loss(in_destination(order, question.proposed_min_amount_out), loss)),
        ("now expected", in_destination(order, question.latest_expected_amount_out)),
        ("asked", moment(question.requested_at) if question.requested_at else None),
        ("resolved", moment(question.resolved_at) if question.resolved_at else None),
    ]


def _with_loss(proposed: str | None, loss: int | None) -> str | None:
    return f"{proposed}, {loss} bps less" if proposed and loss is not None else proposed


def _answer(order: "Snapshot", report: "RepriceReport") -> str:
    least = f" down to {in_destination(order, report.minimum)}" if report.minimum is not None else ""
    parts = [f"{report.action}{least} by {report.by}", *report.reasons]
    if report.refused:
        late = " as too late" if report.too_late else ""
        parts.append(f"refused by Orchestra{late}: {report.refused}")
    return "; ".join(parts)


def _swaps(record: OrderRecord) -> list[Row]:
    swaps = {"ingress": record.ingress_swap, "swap": record.swap, "egress": record.egress_swap}
    return [(name, _leg(leg)) for name, swap in swaps.items() for leg in swap_legs(swap)]


def _leg(leg: SwapLeg) -> str:
    impact = leg.simulation.price_impact_pct if leg.simulation else None
    parts = [
        f"{amount(leg.amount_in, leg.asset_in_address) or '?'} → {_output(leg)}",
        f"at least {leg.min_amount_out}" if leg.min_amount_out is not None else "",
        f"price impact {impact} %" if impact else "",
        f"by {leg.provider}" if leg.provider else "",
    ]
    return ", ".join(part for part in parts if part)


def _output(leg: SwapLeg) -> str:
    if leg.amount_out is not None:
        return amount(leg.amount_out, leg.asset_out_address) or "?"
    expected = amount(leg.expected_amount_out, leg.asset_out_address)
    return f"about {expected}" if expected else "?"
