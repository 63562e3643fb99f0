"""Taking in what the chain's watcher tells of deposits: which one counts, and when a person is asked. Pure."""

from collections.abc import Iterable
from datetime import datetime

from baton.chains.changes import Key
from baton.chains.deposits import DepositState
from baton.orchestra.models import Quote
from baton.orchestra.proofs import DepositProof
from baton.orders.models import Phase
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.attention import clear_attention, raise_attention
from baton.orders.seen_deposits import (
    DISPENSABLE,
    MAX_SIGHTINGS,
    NEEDS_A_PERSON,
    DepositNotice,
    DepositVerdict,
    SeenDeposit,
    attention_reason,
    explain,
    payable,
    proof_of,
    verdict_on,
)
from baton.orders.state import DepositReport, OrderState

CHAIN = "chain"
DEPOSIT_DISAGREES = "deposit_disagrees"
DEPOSIT_GONE = "deposit_gone"

_ABOUT_A_DEPOSIT = frozenset(attention_reason(verdict) for verdict in NEEDS_A_PERSON)


def take_notices(order: PlaceOrder, state: OrderState, notices: Iterable[DepositNotice], now: datetime) -> bool:
    """Take notices into the state; tell whether anything changed that people should see.

    Without notices it still weighs what is known of deposits against what else has come: a report may be put aside as
    refused, or turn out to speak of another deposit than the chain shows.
    """
    before = state.sightings, state.deposit, state.attention
    for notice in notices:
        _take(order, state, notice, now)
    if state.sightings:
        _judge(order, state)
        fresh = _note_verdicts(state, before[0], now)
        _weigh(state, fresh, now)
    return before != (state.sightings, state.deposit, state.attention)


def _take(order: PlaceOrder, state: OrderState, notice: DepositNotice, now: datetime) -> None:
    deposit = notice.deposit
    quote = _quote_at(state, deposit.address)
    if quote is None:
        return
    before = next((one for one in state.sightings if one.deposit.key == deposit.key), None)
    others = [one for one in state.sightings if one is not before]
    seen = SeenDeposit(
        deposit=deposit,
        submit_at=order.policy.submit_at or notice.submit_at,
        verdict=verdict_on(deposit, quote, order.request.source_asset, others),
        quote_id=quote.quote_id,
        first_seen_at=before.first_seen_at if before else now,
    )
    kept = [seen if one is before else one for one in state.sightings]
    state.sightings = kept if before else _added(kept, seen)


def _quote_at(state: OrderState, address: str) -> Quote | None:
    """Return the quote whose address it is, the newest where several share it."""
    return next((one.quote for one in reversed(state.quotes) if one.quote.deposit_address == address), None)


def _added(sightings: list[SeenDeposit], seen: SeenDeposit) -> list[SeenDeposit]:
    """Return the deposits with a new one, which may take the place of one that nobody meant as the deposit."""
    if len(sightings) < MAX_SIGHTINGS:
        return [*sightings, seen]
    spare = next((one for one in sightings if one.verdict in DISPENSABLE), None)
    if spare is None or seen.verdict in DISPENSABLE:
        return sightings
    return [*(one for one in sightings if one is not spare), seen]


def _judge(order: PlaceOrder, state: OrderState) -> None:
    """Judge each deposit beside those that count before it: the one in hand, then as they came."""
    held = _held(state)
    judged: dict[Key, SeenDeposit] = {}
    for one in sorted(state.sightings, key=lambda one: one is not held):
        quote = state.quote_of(one.quote_id)
        assert quote is not None
        verdict = verdict_on(one.deposit, quote, order.request.source_asset, list(judged.values()))
        judged[one.deposit.key] = one if one.verdict is verdict else one.model_copy(update={"verdict": verdict})
    state.sightings = [judged[one.deposit.key] for one in state.sightings]


def _note_verdicts(state: OrderState, known: list[SeenDeposit], now: datetime) -> frozenset[Key]:
    """Ask a person about verdicts that need one, and no more where they do not stand; return whose are new."""
    was = {one.deposit.key: one.verdict for one in known}
    fresh = [one for one in state.sightings if was.get(one.deposit.key) is not one.verdict]
    for one in fresh:
        if one.verdict in NEEDS_A_PERSON:
            raise_attention(state, attention_reason(one.verdict), explain(one), now)
    for verdict in NEEDS_A_PERSON & set(was.values()) - {one.verdict for one in state.sightings}:
        clear_attention(state, attention_reason(verdict))
    return frozenset(one.deposit.key for one in fresh)


def _weigh(state: OrderState, fresh: frozenset[Key], now: datetime) -> None:
    """Choose the deposit that is submitted, once there is one; an order that Orchestra has needs none."""
    paying, held = payable(state.sightings), _held(state)
    if state.deposit is None:
        if state.phase is Phase.AWAITING_DEPOSIT:
            _take_up(state, paying)
    elif held is None:
        _note_disagreement(state, state.deposit.proof, paying, fresh, now)
    elif held.verdict is not DepositVerdict.GONE:
        clear_attention(state, DEPOSIT_GONE)
        clear_attention(state, DEPOSIT_DISAGREES)
    elif state.view.order_id or not _take_up(state, paying):
        _note_gone(state, held, fresh, now)


def _take_up(state: OrderState, paying: SeenDeposit | None) -> bool:
    """Have a deposit submitted, in place of one that is gone if need be; tell whether there is one to submit."""
    if paying is None or not paying.ready or _was_refused(state, paying):
        return False
    state.deposit = DepositReport(proof=paying.proof, quote_id=paying.quote_id, seen_by=CHAIN)
    clear_attention(state, DEPOSIT_GONE)
    clear_attention(state, DEPOSIT_DISAGREES)
    if state.refused_deposits and state.attention and state.attention.reason not in _ABOUT_A_DEPOSIT:
        state.attention = None
    return True


def _note_disagreement(
    state: OrderState, reported: DepositProof, paying: SeenDeposit | None, fresh: frozenset[Key], now: datetime
) -> None:
    if paying is None:
        return
    told = f"{reported.key} was reported, the chain shows {paying.deposit.tx_id}; the reported one is submitted"
    if paying.deposit.key in fresh or not _was_told(state, DEPOSIT_DISAGREES):
        raise_attention(state, DEPOSIT_DISAGREES, told, now)


def _note_gone(state: OrderState, gone: SeenDeposit, fresh: frozenset[Key], now: datetime) -> None:
    """Tell of it when it goes; an order that Orchestra has may get on all the same, so it is not told again."""
    if gone.deposit.key in fresh or not (state.view.order_id or _was_told(state, DEPOSIT_GONE)):
        raise_attention(state, DEPOSIT_GONE, explain(gone), now)


def _was_told(state: OrderState, reason: str) -> bool:
    """Tell whether a person looks already, be it at something else, or has dealt with it."""
    return state.attention is not None or any(one.reason == reason for one in state.resolutions)


def _was_refused(state: OrderState, sighting: SeenDeposit) -> bool:
    return any(is_same_deposit(one.proof, sighting.proof) for one in state.refused_deposits)


def _held(state: OrderState) -> SeenDeposit | None:
    """Return what the chain shows of the deposit in hand; of two transfers in one transaction the one that stands."""
    if state.deposit is None:
        return None
    same = [one for one in state.sightings if is_same_deposit(state.deposit.proof, proof_of(one.deposit))]
    return next((one for one in same if one.deposit.state is not DepositState.GONE), same[0] if same else None)


def is_same_deposit(one: DepositProof, other: DepositProof) -> bool:
    """Tell whether two proofs speak of one deposit; a Bitcoin output that is not told may be any."""
    if one.bitcoin_txid and other.bitcoin_txid and None in (one.bitcoin_vout, other.bitcoin_vout):
        return one.bitcoin_txid.lower() == other.bitcoin_txid.lower()
    return one.key == other.key


def awaits_confirmation(state: OrderState) -> SeenDeposit | None:
    """Return the deposit that pays the order but is not as sure yet as a submit wants it."""
    paying = payable(state.sightings)
    return paying if state.deposit is None and paying is not None and not paying.ready else None
