"""How reports and notices change an order's set of deposits, and which deposit is submitted. Pure.

One deposit per quote is submitted. A report that Orchestra does not find, or refuses, gives way to better evidence.
When a person is asked about a deposit is in `deposit_questions`.
"""

from collections.abc import Iterable
from datetime import datetime

from baton.chains.deposits import DepositKey, DepositState
from baton.orchestra.errors import NOT_FOUND_CODES
from baton.orchestra.models import OrderRecord, Quote
from baton.orchestra.proofs import DepositProof, ProofError, ProofShape, is_same_deposit, shape_for
from baton.orders.known_deposits import (
    CHAIN,
    MAX_KNOWN_DEPOSITS,
    ORCHESTRA,
    ChainEvidence,
    DepositStage,
    KnownDeposit,
    find,
)
from baton.orders.models import Phase, Reason
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.deposit_questions import ask_about_deposits
from baton.orders.seen_deposits import (
    DISPENSABLE,
    MAX_SEEN_DEPOSITS,
    DepositNotice,
    DepositVerdict,
    SeenDeposit,
    payable,
    verdict_on,
)
from baton.orders.state import DepositReport, OrderState

_DOES_NOT_PAY = frozenset({DepositVerdict.DUST, DepositVerdict.WRONG_TOKEN})
_OPEN = frozenset({DepositStage.REPORTED, DepositStage.SEEN, DepositStage.NOT_FOUND})
"""Stages in which a deposit can still move to another quote."""
_NAMED_IN_RECORDS = (ProofShape.CHAIN, ProofShape.BITCOIN)
"""Forms of proof that Orchestra's records name; on other chains their ids need not be those of the deposit."""
_BEFORE_TRACKING = (Phase.AWAITING_DEPOSIT, Phase.SUBMITTING)


def apply_deposits(
    order: PlaceOrder,
    state: OrderState,
    reports: Iterable[DepositReport],
    notices: Iterable[DepositNotice],
    now: datetime,
) -> bool:
    """Apply reports and notices to the state; return whether anything changed that people should see.

    Known deposits are judged again even without news: since then one may have been refused, or Orchestra may have named
    the one that it made the order from.
    """
    before, seen_before = _shown(state), state.sightings
    _name_orchestras(order, state)
    for report in reports:
        _add_report(order, state, report)
    for notice in notices:
        _add_notice(order, state, notice, now)
    _judge(order, state)
    _match_evidence(state)
    _add_payable(state)
    if state.address_deposit is None:  # of such an order `rules.address_deposits` asks
        ask_about_deposits(state, seen_before, now)
    return before != _shown(state)


def _shown(state: OrderState) -> tuple[list[SeenDeposit], list[KnownDeposit], list[str]]:
    deposits = [known.model_copy(update={"named": False}) for known in state.deposits]
    return state.sightings, deposits, list(state.attentions)


# -- what each source adds


def _name_orchestras(order: PlaceOrder, state: OrderState) -> None:
    """Mark the deposit that Orchestra's record names as accepted."""
    record = state.view.record
    proof = recorded_proof(record, order.request.source_chain) if record else None
    if record is None or proof is None:
        return
    known = find(state.deposits, proof)
    if known is None and shape_for(order.request.source_chain) in _NAMED_IN_RECORDS:
        known = KnownDeposit(proof=proof, quote_id=record.quote_id, seen_by=ORCHESTRA)
        _add(state, known)
    if known is None:
        return
    known.stage, known.refusal, known.named = DepositStage.ACCEPTED, None, True
    for other in state.deposits:
        if other is not known:
            _give_way(other)


def _give_way(other: KnownDeposit) -> None:
    """Note that Orchestra's order is not made from a deposit, whatever its submit was answered or would be.

    Orchestra answers the submit of a second deposit with the order that it made from the first.
    """
    if other.stage is DepositStage.SUBMITTING or (other.stage is DepositStage.ACCEPTED and not other.named):
        other.stage = DepositStage.REPORTED


def recorded_proof(record: OrderRecord, source_chain: str) -> DepositProof | None:
    """Return the proof of the deposit in Orchestra's record, in the form of its chain; None if it names none."""
    if not record.source_tx_hash:
        return None
    match shape_for(source_chain):
        case ProofShape.BITCOIN:
            proof = DepositProof(bitcoin_txid=record.source_tx_hash, bitcoin_vout=record.source_tx_vout)
        case ProofShape.SPARK:
            proof = DepositProof(spark_tx_hash=record.source_tx_hash)
        case ProofShape.CHAIN:
            proof = DepositProof(tx_hash=record.source_tx_hash)
        case ProofShape.LIGHTNING:
            return None
    return _normal(proof, source_chain)


def _add_report(order: PlaceOrder, state: OrderState, report: DepositReport) -> None:
    """Add a reported deposit; a repeated report completes a known one, and makes a refused one open again."""
    proof = _normal(report.proof, order.request.source_chain)
    known = find(state.deposits, proof)
    if known is None:
        quote_id = report.quote_id or (state.quotes[-1].quote.quote_id if state.quotes else None)
        _add(state, KnownDeposit(proof=proof, quote_id=quote_id, seen_by=report.seen_by))
        return
    if known.proof.bitcoin_vout is None and proof.bitcoin_vout is not None:
        known.proof = proof
    if known.stage is DepositStage.REFUSED:
        _take_up_again(known)


def _normal(proof: DepositProof, chain: str) -> DepositProof:
    try:
        return proof.normal(chain)
    except ProofError:  # the update's validator refuses it; an older history may hold one
        return proof


def _add(state: OrderState, new: KnownDeposit) -> None:
    """Add a deposit; at the bound it replaces one that was refused or not found, or else the oldest but one."""
    if len(state.deposits) >= MAX_KNOWN_DEPOSITS:
        spare = max(state.deposits, key=lambda known: known.rank)
        state.deposits.remove(spare)
    state.deposits.append(new)


def _take_up_again(known: KnownDeposit) -> None:
    known.stage, known.refusal, known.refusals = DepositStage.REPORTED, None, 0


def _add_notice(order: PlaceOrder, state: OrderState, notice: DepositNotice, now: datetime) -> None:
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


# -- what the chain shows of the known deposits


def _judge(order: PlaceOrder, state: OrderState) -> None:
    """Judge each transfer after those that take precedence: the submitted one first, then in order of arrival.

    A refused deposit takes precedence over none: the next one pays in its place.
    """
    current = state.deposit
    judged: dict[DepositKey, SeenDeposit] = {}
    counted: list[SeenDeposit] = []
    for seen in sorted(state.sightings, key=lambda seen: not (current and is_same_deposit(current.proof, seen.proof))):
        quote = state.quote_of(seen.quote_id)
        assert quote is not None
        verdict = verdict_on(seen.deposit, quote, order.request.source_asset, counted)
        judged[seen.deposit.key] = seen if seen.verdict is verdict else seen.model_copy(update={"verdict": verdict})
        known = find(state.deposits, seen.proof)
        if known is None or known.stage is not DepositStage.REFUSED:
            counted.append(judged[seen.deposit.key])
    if any(judged[seen.deposit.key] is not seen for seen in state.sightings):
        state.sightings = [judged[seen.deposit.key] for seen in state.sightings]


def _match_evidence(state: OrderState) -> None:
    """Note what the chain shows of each known deposit, and bind it to the quote whose address received it."""
    for known in state.deposits:
        seen = [seen for seen in state.sightings if is_same_deposit(known.proof, seen.proof)]
        if not seen:
            continue
        known.evidence = _evidence(seen)
        received = next((transfer for transfer in seen if transfer.verdict not in _DOES_NOT_PAY), seen[0])
        if received.quote_id != known.quote_id:
            _bind(known, received.quote_id)


def _evidence(seen: list[SeenDeposit]) -> ChainEvidence:
    present = [transfer for transfer in seen if transfer.deposit.state is not DepositState.GONE]
    if not present:
        return ChainEvidence.GONE
    pays = any(transfer.verdict not in _DOES_NOT_PAY for transfer in present)
    return ChainEvidence.PAYS if pays else ChainEvidence.DOES_NOT_PAY


def _bind(known: KnownDeposit, quote_id: str) -> None:
    """Bind a deposit to another quote; one that was refused for the wrong quote is submitted for the right one."""
    if known.stage in _OPEN:
        known.quote_id = quote_id
    elif known.stage is DepositStage.REFUSED:
        known.quote_id = quote_id
        _take_up_again(known)


def _add_payable(state: OrderState) -> None:
    """Add the deposit that pays once the chain has confirmed it enough; an order at Orchestra needs no other one."""
    paying = payable(state.sightings)
    if paying is None or not paying.ready or find(state.deposits, paying.proof):
        return
    if state.view.order_id or state.phase not in _BEFORE_TRACKING:
        return
    _add(
        state,
        KnownDeposit(
            proof=paying.proof,
            quote_id=paying.quote_id,
            stage=DepositStage.SEEN,
            seen_by=CHAIN,
            evidence=ChainEvidence.PAYS,
        ),
    )


def awaits_confirmation(state: OrderState) -> SeenDeposit | None:
    """Return the deposit that pays the order but has too few confirmations to be submitted; None if there is none."""
    paying = payable(state.sightings)
    return paying if state.deposit is None and paying is not None and not paying.ready else None


# -- what the submit step does to the deposit that it submits


def begin_submit(known: KnownDeposit) -> None:
    """Note that a deposit is submitted; one that was not found before still gives way to better evidence."""
    known.submits += 1
    if known.stage is not DepositStage.NOT_FOUND:
        known.stage = DepositStage.SUBMITTING


def accept(known: KnownDeposit) -> None:
    """Note that Orchestra accepted a deposit."""
    known.stage, known.refusal = DepositStage.ACCEPTED, None


def note_refusal(known: KnownDeposit, reason: Reason, *, access_refused: bool) -> None:
    """Note that Orchestra refused a deposit temporarily; one that it does not find gives way to better evidence."""
    known.refusals += 1
    known.refusal, known.access_refused = reason, access_refused
    if reason.code in NOT_FOUND_CODES:
        known.stage = DepositStage.NOT_FOUND


def set_aside(known: KnownDeposit, reason: Reason) -> None:
    """Set a deposit aside that Orchestra refused for good."""
    known.stage, known.refusal = DepositStage.REFUSED, reason
