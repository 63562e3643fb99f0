"""Taking in what the chain's watcher tells of deposits: which one counts, and when a person is asked. Pure."""

from collections.abc import Iterable
from datetime import datetime

from chains.deposits import DepositState
from orchestra.models import Quote
from orchestra.proofs import DepositProof
from workflows.models import Attention, DepositReport, OrderState, Phase, PlaceOrder
from workflows.sightings import (
    MAX_SIGHTINGS,
    NEEDS_A_PERSON,
    DepositNotice,
    DepositVerdict,
    Sighting,
    explain,
    payable,
    proof_of,
    verdict_on,
)

CHAIN = "chain"
DEPOSIT_DISAGREES = "deposit_disagrees"
DEPOSIT_GONE = "deposit_gone"


def take_notices(order: PlaceOrder, state: OrderState, notices: Iterable[DepositNotice], now: datetime) -> bool:
    """Take notices into the state; tell whether anything changed that people should see."""
    changed = [_take(order, state, notice, now) for notice in notices]
    if any(changed):
        _weigh(state, now)
    return any(changed)


def _take(order: PlaceOrder, state: OrderState, notice: DepositNotice, now: datetime) -> bool:
    deposit = notice.deposit
    quote = _quote_at(state, deposit.address)
    before = next((one for one in state.sightings if one.deposit.key == deposit.key), None)
    if quote is None or (before is None and len(state.sightings) >= MAX_SIGHTINGS):
        return False
    others = [one for one in state.sightings if one is not before]
    seen = Sighting(
        deposit=deposit,
        submit_at=order.policy.submit_at or notice.submit_at,
        verdict=verdict_on(deposit, quote, order.request.source_asset, others),
        quote_id=quote.quote_id,
        first_seen_at=before.first_seen_at if before else now,
    )
    if seen == before:
        return False
    state.sightings = [seen if one is before else one for one in state.sightings] if before else [*others, seen]
    if seen.verdict in NEEDS_A_PERSON and (before is None or before.verdict != seen.verdict):
        _alert(state, f"{seen.verdict}_deposit", explain(seen), now)
    return True


def _quote_at(state: OrderState, address: str) -> Quote | None:
    """Return the quote whose address it is, the newest where several share it."""
    return next((one.quote for one in reversed(state.quotes) if one.quote.deposit_address == address), None)


def _weigh(state: OrderState, now: datetime) -> None:
    """Choose the deposit that is submitted, once there is one; an order that Orchestra has needs none."""
    paying = payable(state.sightings)
    if state.deposit is None:
        if paying and paying.ready and state.phase is Phase.AWAITING_DEPOSIT and not _was_refused(state, paying):
            state.deposit = DepositReport(proof=paying.proof, quote_id=paying.quote_id, seen_by=CHAIN)
        return
    held = _sighting_of(state, state.deposit.proof)
    if held is not None and held.verdict is DepositVerdict.GONE:
        _replace_or_alert(state, held, paying, now)
    elif held is None and paying is not None:
        told = f"{state.deposit.proof.key} was reported, the chain shows {paying.deposit.tx_id}"
        _alert(state, DEPOSIT_DISAGREES, f"{told}; the reported one is submitted", now)
    elif state.attention and state.attention.reason in (DEPOSIT_GONE, DEPOSIT_DISAGREES):
        state.attention = None


def _replace_or_alert(state: OrderState, gone: Sighting, paying: Sighting | None, now: datetime) -> None:
    """Go on with the transaction that took the place of the one that is gone, as long as no submit was accepted."""
    if paying is not None and paying.ready and not state.view.order_id:
        state.deposit = DepositReport(proof=paying.proof, quote_id=paying.quote_id, seen_by=CHAIN)
    else:
        _alert(state, DEPOSIT_GONE, explain(gone), now)


def _was_refused(state: OrderState, sighting: Sighting) -> bool:
    return any(is_same_deposit(one.proof, sighting.proof) for one in state.refused_deposits)


def _sighting_of(state: OrderState, proof: DepositProof) -> Sighting | None:
    return next((one for one in state.sightings if is_same_deposit(proof, proof_of(one.deposit))), None)


def is_same_deposit(one: DepositProof, other: DepositProof) -> bool:
    """Tell whether two proofs speak of one deposit; a Bitcoin output that is not told may be any."""
    if one.bitcoin_txid and other.bitcoin_txid and None in (one.bitcoin_vout, other.bitcoin_vout):
        return one.bitcoin_txid.lower() == other.bitcoin_txid.lower()
    return one.key == other.key


def awaits_confirmation(state: OrderState) -> Sighting | None:
    """Return the deposit that pays the order but is not as sure yet as a submit wants it."""
    paying = payable(state.sightings)
    waits = paying is not None and not paying.ready and state.deposit is None
    return paying if waits and paying is not None and paying.deposit.state is not DepositState.GONE else None


def _alert(state: OrderState, reason: str, message: str, now: datetime) -> None:
    if state.attention is None or state.attention.reason != reason:
        state.attention = Attention(reason=reason, message=message, since=now)
