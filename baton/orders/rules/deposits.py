"""What notices of deposits do to an order's state: which deposit is submitted, when a person is asked. Pure."""

from collections.abc import Iterable
from datetime import datetime

from baton.chains.deposits import DepositKey, DepositState
from baton.orchestra.models import Quote
from baton.orchestra.proofs import DepositProof
from baton.orders.models import Phase
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.attention import (
    AttentionReason,
    clear_attention,
    clear_for_seen_deposit,
    is_known,
    raise_attention,
    reason_of,
)
from baton.orders.seen_deposits import (
    DISPENSABLE,
    MAX_SEEN_DEPOSITS,
    NEEDS_A_PERSON,
    DepositNotice,
    DepositVerdict,
    SeenDeposit,
    explain,
    payable,
    proof_of,
    verdict_on,
)
from baton.orders.state import DepositReport, OrderState

CHAIN = "chain"
"""`DepositReport.seen_by` of a deposit that the chain's watch reported."""


def apply_notices(order: PlaceOrder, state: OrderState, notices: Iterable[DepositNotice], now: datetime) -> bool:
    """Apply notices to the state; return whether anything changed that people should see.

    Known deposits are judged again even without notices: since then a report may have been refused, or may have named
    another deposit than the chain shows.
    """
    before = state.sightings, state.deposit, state.attention
    for notice in notices:
        _add(order, state, notice, now)
    if state.sightings:
        _judge(order, state)
        changed = _note_verdicts(state, before[0], now)
        _choose(state, changed, now)
    return before != (state.sightings, state.deposit, state.attention)


def _add(order: PlaceOrder, state: OrderState, notice: DepositNotice, now: datetime) -> None:
    deposit = notice.deposit
    quote = _quote_at(state, deposit.address)
    if quote is None:
        return
    previous = next((known for known in state.sightings if known.deposit.key == deposit.key), None)
    others = [known for known in state.sightings if known is not previous]
    seen = SeenDeposit(
        deposit=deposit,
        submit_at=order.policy.submit_at or notice.submit_at,
        verdict=verdict_on(deposit, quote, order.request.source_asset, others),
        quote_id=quote.quote_id,
        first_seen_at=previous.first_seen_at if previous else now,
    )
    updated = [seen if known is previous else known for known in state.sightings]
    state.sightings = updated if previous else _within_bound(updated, seen)


def _quote_at(state: OrderState, address: str) -> Quote | None:
    """Return the quote with this deposit address, the newest where several share it."""
    return next((taken.quote for taken in reversed(state.quotes) if taken.quote.deposit_address == address), None)


def _within_bound(known: list[SeenDeposit], new: SeenDeposit) -> list[SeenDeposit]:
    """Return the deposits with a new one; at the bound it replaces dust or a foreign token, or is left out."""
    if len(known) < MAX_SEEN_DEPOSITS:
        return [*known, new]
    spare = next((deposit for deposit in known if deposit.verdict in DISPENSABLE), None)
    if spare is None or new.verdict in DISPENSABLE:
        return known
    return [*(deposit for deposit in known if deposit is not spare), new]


def _judge(order: PlaceOrder, state: OrderState) -> None:
    """Judge each deposit after those that take precedence: the submitted one first, then in order of arrival."""
    current = _current(state)
    judged: dict[DepositKey, SeenDeposit] = {}
    for seen in sorted(state.sightings, key=lambda seen: seen is not current):
        quote = state.quote_of(seen.quote_id)
        assert quote is not None
        verdict = verdict_on(seen.deposit, quote, order.request.source_asset, list(judged.values()))
        judged[seen.deposit.key] = seen if seen.verdict is verdict else seen.model_copy(update={"verdict": verdict})
    state.sightings = [judged[seen.deposit.key] for seen in state.sightings]


def _note_verdicts(state: OrderState, known: list[SeenDeposit], now: datetime) -> frozenset[DepositKey]:
    """Raise and clear the attention of verdicts that need a person; return the keys of changed deposits."""
    previous = {seen.deposit.key: seen.verdict for seen in known}
    changed = [seen for seen in state.sightings if previous.get(seen.deposit.key) is not seen.verdict]
    for seen in changed:
        if seen.verdict in NEEDS_A_PERSON:
            raise_attention(state, reason_of(seen.verdict), explain(seen), now)
    for verdict in NEEDS_A_PERSON & set(previous.values()) - {seen.verdict for seen in state.sightings}:
        clear_attention(state, reason_of(verdict))
    return frozenset(seen.deposit.key for seen in changed)


def _choose(state: OrderState, changed: frozenset[DepositKey], now: datetime) -> None:
    """Choose the deposit to submit; an order that Orchestra already has needs no other one."""
    paying, current = payable(state.sightings), _current(state)
    if state.deposit is None:
        if state.phase is Phase.AWAITING_DEPOSIT:
            _mark_for_submit(state, paying)
    elif current is None:
        _note_disagreement(state, state.deposit.proof, paying, changed, now)
    elif current.verdict is not DepositVerdict.GONE:
        clear_attention(state, AttentionReason.DEPOSIT_GONE, AttentionReason.DEPOSIT_DISAGREES)
    elif state.view.order_id or not _mark_for_submit(state, paying):
        _note_gone(state, current, changed, now)


def _mark_for_submit(state: OrderState, paying: SeenDeposit | None) -> bool:
    """Make a deposit the one to submit, also in place of one that is gone; return whether it can be submitted."""
    if paying is None or not paying.ready or _was_refused(state, paying):
        return False
    state.deposit = DepositReport(proof=paying.proof, quote_id=paying.quote_id, seen_by=CHAIN)
    clear_attention(state, AttentionReason.DEPOSIT_GONE, AttentionReason.DEPOSIT_DISAGREES)
    if state.refused_deposits:
        clear_for_seen_deposit(state)
    return True


def _note_disagreement(
    state: OrderState, reported: DepositProof, paying: SeenDeposit | None, changed: frozenset[DepositKey], now: datetime
) -> None:
    if paying is None:
        return
    if paying.deposit.key in changed or not is_known(state, AttentionReason.DEPOSIT_DISAGREES):
        message = f"{reported.key} was reported, the chain shows {paying.deposit.tx_id}; the reported one is submitted"
        raise_attention(state, AttentionReason.DEPOSIT_DISAGREES, message, now)


def _note_gone(state: OrderState, gone: SeenDeposit, changed: frozenset[DepositKey], now: datetime) -> None:
    """Raise attention when a deposit disappears; only once if Orchestra has the order, which may still complete."""
    known = state.view.order_id or is_known(state, AttentionReason.DEPOSIT_GONE)
    if gone.deposit.key in changed or not known:
        raise_attention(state, AttentionReason.DEPOSIT_GONE, explain(gone), now)


def _was_refused(state: OrderState, seen: SeenDeposit) -> bool:
    return any(is_same_deposit(refused.proof, seen.proof) for refused in state.refused_deposits)


def _current(state: OrderState) -> SeenDeposit | None:
    """Return the chain's view of the deposit to submit; of two transfers in its transaction, one that is not gone."""
    if state.deposit is None:
        return None
    same = [seen for seen in state.sightings if is_same_deposit(state.deposit.proof, proof_of(seen.deposit))]
    return next((seen for seen in same if seen.deposit.state is not DepositState.GONE), same[0] if same else None)


def is_same_deposit(proof: DepositProof, other: DepositProof) -> bool:
    """Whether two proofs name the same deposit; a Bitcoin proof without an output matches any output."""
    if proof.bitcoin_txid and other.bitcoin_txid and None in (proof.bitcoin_vout, other.bitcoin_vout):
        return proof.bitcoin_txid.lower() == other.bitcoin_txid.lower()
    return proof.key == other.key


def awaits_confirmation(state: OrderState) -> SeenDeposit | None:
    """Return the deposit that pays the order but has too few confirmations to be submitted; None if there is none."""
    paying = payable(state.sightings)
    return paying if state.deposit is None and paying is not None and not paying.ready else None
