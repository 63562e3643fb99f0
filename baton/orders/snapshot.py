"""Snapshot, placement, standing and result of an order, made from its state. Pure."""

from typing import Any

from baton.encoding.units import in_words
from baton.orchestra.models import OrderRecord
from baton.orchestra.proofs import is_same_deposit
from baton.orchestra.rules.money import received_amount
from baton.orchestra.rules.onramp import deeplink_of
from baton.orders.answers import (
    DepositLine,
    OrderResult,
    Placement,
    ProofLine,
    QuoteLine,
    ReceivedLine,
    Snapshot,
    Standing,
)
from baton.orders.known_deposits import BUSINESS, KnownDeposit
from baton.orders.models import Reason
from baton.orders.names import order_workflow_id
from baton.orders.place_order import ONRAMP, PlaceOrder
from baton.orders.rules.deadlines import next_deadline
from baton.orders.rules.deposits import recorded_proof
from baton.orders.rules.refund import report_of
from baton.orders.rules.wait_plans import ended_unpaid, is_unpaid
from baton.orders.seen_deposits import SeenDeposit
from baton.orders.settlement import (
    amounts_of,
    delivered,
    destination_decimals,
    destination_transaction,
    is_refund_known,
    paid,
    paid_at,
    refund_result,
    source_decimals,
)
from baton.orders.state import OrderState, PaymentPage, TakenQuote

_OTHER_PARTS = {
    "amount_fiat_currency",
    "amount_fiat_usd",
    "amount_in_usd",
    "amount_out_usd",
    "egress_swap",
    "fee_amount_usd",
    "fee_bps",
    "fee_payouts",
    "fee_plan",
    "ingress_swap",
    "pay_link_id",
    "pay_link_label",
    "payment_intent",
    "price_lock",
    "reprice",
    "review_status",
    "rounding_fee_amount",
    "spot_usd_per_btc",
    "stages",
    "swap",
    "total_fee_amount",
    "total_fee_amount_usd",
    "total_fee_bps",
    "zeroconf_offer",
}


def snapshot_of(order: PlaceOrder, state: OrderState) -> Snapshot:
    """Return everything known about an order."""
    request, record = order.request, state.view.record
    deadline = next_deadline(state, order.policy)
    return Snapshot(
        workflow_id=order_workflow_id(order.account, order.reference),
        account=order.account,
        reference=order.reference,
        kind=order.kind,
        request=request,
        policy=order.policy,
        payer=order.payer,
        metadata=order.source.metadata if order.source else order.metadata,
        placed_by=order.placed_by,
        source=order.source,
        revision=state.revision,
        phase=state.phase,
        status=state.view.status,
        outcome=state.outcome,
        reason=state.reason,
        order_id=state.view.order_id,
        source_chain=request.source_chain,
        source_asset=request.source_asset,
        destination_chain=request.destination_chain,
        destination_asset=request.destination_asset,
        source_decimals=source_decimals(order, state),
        destination_decimals=destination_decimals(order, state),
        recipient_address=request.recipient_address,
        proof=state.deposit.proof.wire() if state.deposit else None,
        proofs=[_proof_line(known) for known in state.deposits],
        attention=state.attention,
        attentions=list(state.attentions.values()),
        cleared=state.cleared,
        decisions=state.decisions,
        waiting_for=deadline.waiting if deadline else None,
        held=state.held,
        transitions=state.view.transitions,
        transitions_left_out=state.view.transitions_left_out,
        left_out_statuses=state.view.left_out_statuses,
        anomalies=state.view.anomalies,
        anomalies_left_out=state.view.anomalies_left_out,
        approvals=state.approvals,
        reprices=state.reprices,
        resolutions=state.resolutions,
        acts=state.acts,
        page=_page(order, state),
        amounts=amounts_of(order, state),
        received=_received(order, state),
        deposits=[_deposit_line(order, state, seen) for seen in state.sightings],
        address_deposit=state.address_deposit,
        records=_other_parts(record) if record else {},
        superseded=state.superseded,
        quotes=[_quote_line(taken) for taken in state.quotes],
        opened_at=state.opened_at,
        paid_at=paid_at(state),
        closed_at=state.closed_at,
        published_at=state.published_at,
        **_quote_fields(state),
        **(_record_fields(record) if record else {}),
    )


def placement_of(order: PlaceOrder, state: OrderState) -> Placement:
    """Return where to deposit, or why nothing can be paid."""
    return Placement(
        workflow_id=order_workflow_id(order.account, order.reference),
        account=order.account,
        reference=order.reference,
        phase=state.phase,
        outcome=state.outcome,
        reason=state.reason,
        source_chain=order.request.source_chain,
        source_asset=order.request.source_asset,
        order_id=state.view.order_id or (state.page.order_id if state.page else None),
        page=_page(order, state),
        amounts=amounts_of(order, state),
        **_quote_fields(state),
    )


def standing_of(state: OrderState) -> Standing:
    """Return where the order stands, in short."""
    return Standing(
        phase=state.phase,
        status=state.view.status,
        outcome=state.outcome,
        order_id=state.view.order_id,
        quote_id=state.quote.quote_id if state.quote else None,
        attention=state.attention.reason if state.attention else None,
        attentions=list(state.attentions),
    )


def result_of(order: PlaceOrder, state: OrderState) -> OrderResult:
    """Return the result of a closed order."""
    assert state.outcome is not None
    request, record = order.request, state.view.record
    source = f"{request.source_chain}:{request.source_asset}"
    destination = f"{request.destination_chain}:{request.destination_asset}"
    return OrderResult(
        outcome=state.outcome,
        status=state.view.status,
        reason=state.reason,
        account=order.account,
        reference=order.reference,
        kind=order.kind,
        order_id=state.view.order_id,
        quote_id=state.quote.quote_id if state.quote else None,
        route=f"{source} → {destination}",
        source_chain=request.source_chain,
        source_asset=request.source_asset,
        destination_chain=request.destination_chain,
        destination_asset=request.destination_asset,
        superseded=state.superseded,
        source=order.source,
        amounts=amounts_of(order, state),
        **(_settlement(order, state, record) if record else {}),
    )


def _settlement(order: PlaceOrder, state: OrderState, record: OrderRecord) -> dict[str, Any]:
    """Return the amounts of a result: paid, delivered, refunded."""
    return {
        "amount_in": record.amount_in,
        "amount_out": record.amount_out,
        "paid": paid(order, state, record),
        "delivered": delivered(order, state, record),
        "destination_tx_hash": destination_transaction(order, state, record),
        "refund": refund_result(order, state, record),
    }


def _quote_line(taken: TakenQuote) -> QuoteLine:
    shown = taken.quote.model_dump(include=set(QuoteLine.model_fields))
    return QuoteLine.model_validate({**shown, "taken_at": taken.taken_at})


def _quote_fields(state: OrderState) -> dict[str, Any]:
    quote, record = state.quote, state.view.record
    if quote is None:
        return _adopted_fields(record) if record else _deposit_fields(state)
    return {
        "quote_id": quote.quote_id,
        "deposit_address": quote.deposit_address,
        "deposit_memo": quote.deposit_memo,
        "lightning_receive_request_id": quote.lightning_receive_request_id,
        "amount_in": quote.amount_in,
        "estimated_out": quote.estimated_out,
        "expires_at": quote.expires_at,
    }


def _page(order: PlaceOrder, state: OrderState) -> PaymentPage | None:
    """Return the payment page; if only the order's record has the invoice, make the deeplink from it."""
    page, record = state.page, state.view.record
    if order.kind != ONRAMP or page is None or page.deeplink or record is None or not record.deposit_address:
        return page
    return page.model_copy(update={"deeplink": deeplink_of(record.deposit_address)})


def _deposit_line(order: PlaceOrder, state: OrderState, seen: SeenDeposit) -> DepositLine:
    """Return a deposit with the sources that report the same one, and those that report another."""
    deposit, known, record = seen.deposit, state.deposit, state.view.record
    reported = {
        "business": known.proof if known and known.seen_by == BUSINESS else None,
        "orchestra": recorded_proof(record, order.request.source_chain) if record else None,
    }
    same = {source: is_same_deposit(proof, seen.proof) for source, proof in reported.items() if proof}
    return DepositLine(
        **deposit.model_dump(include={"tx_id", "index", "amount", "sender", "confirmations"}),
        asset=deposit.symbol or deposit.asset,
        decimals=deposit.decimals,
        state=deposit.state,
        verdict=seen.verdict,
        quote_id=seen.quote_id,
        submitted=known is not None and is_same_deposit(known.proof, seen.proof),
        agrees=[source for source, agrees in same.items() if agrees],
        disagrees=[source for source, agrees in same.items() if not agrees],
    )


def _proof_line(known: KnownDeposit) -> ProofLine:
    return ProofLine(
        proof=known.proof.wire(),
        quote_id=known.quote_id,
        stage=known.stage,
        seen_by=known.seen_by,
        on_chain=known.evidence,
        refusal=known.refusal,
    )


def _received(order: PlaceOrder, state: OrderState) -> ReceivedLine | None:
    record = state.view.record
    # A record has the requested amount even before anything is paid.
    if record and ended_unpaid(record):
        return _nothing_received(order, state)
    check = received_amount(record, state.quote) if record and not is_unpaid(state) else None
    if check is None:
        return None
    asset, decimals = order.request.source_asset, source_decimals(order, state)
    return ReceivedLine(
        name=check.name,
        received=check.received,
        least=check.least,
        most=check.most,
        message=check.sentence(asset, decimals),
    )


def _nothing_received(order: PlaceOrder, state: OrderState) -> ReceivedLine | None:
    agreed = state.quote.amount_in if state.quote else None
    if agreed is None:
        return None
    asset, decimals = order.request.source_asset, source_decimals(order, state)
    message = f"unpaid: nothing was received, {in_words(agreed, asset, decimals)} was agreed"
    return ReceivedLine(
        name="unpaid",
        received=0,
        least=agreed,
        message=message,
    )


def _other_parts(record: OrderRecord) -> dict[str, Any]:
    """Return the other parts of Orchestra's record, under the partner API's names and unchanged."""
    return record.model_dump(mode="json", by_alias=True, exclude_none=True, include=_OTHER_PARTS)


def _adopted_fields(record: OrderRecord) -> dict[str, Any]:
    return {
        "quote_id": record.quote_id,
        "deposit_address": record.deposit_address,
        "amount_in": record.amount_in,
    }


def _deposit_fields(state: OrderState) -> dict[str, Any]:
    deposit = state.address_deposit
    return {"deposit_address": deposit.address, "amount_in": deposit.amount} if deposit else {}


def _record_fields(record: OrderRecord) -> dict[str, Any]:
    return {
        "amount_out": record.amount_out,
        "fee_amount": record.fee_amount,
        "fee_asset": record.fee_asset,
        "destination_tx_hash": record.destination_tx_hash,
        "spark_tx_hash": record.spark_tx_hash,
        "sweep_tx_hash": record.sweep_tx_hash,
        "refund": _refund(record),
        "error": Reason.of_error(record),
        "updated_at": record.updated_at,
    }


def _refund(record: OrderRecord) -> dict[str, Any] | None:
    """Return the refund as a snapshot shows it; None while there is none."""
    if not is_refund_known(record):
        return None
    return report_of(record).model_dump(mode="json", exclude_none=True)


def placement_of_snapshot(snapshot: Snapshot) -> Placement:
    """Return the placement that a snapshot holds."""
    return Placement.model_validate(snapshot.model_dump(include=set(Placement.model_fields)))
