"""When a person is asked about an order's deposits: about each once, and not again after an answer. Pure."""

from datetime import datetime

from baton.chains.deposits import DepositKey
from baton.orchestra.proofs import is_same_deposit
from baton.orders.known_deposits import BUSINESS, ChainEvidence, DepositStage, KnownDeposit, find
from baton.orders.rules.attention import (
    VERDICT_REASONS,
    AttentionReason,
    clear_attention,
    clear_refusals,
    raise_attention,
    was_raised,
)
from baton.orders.seen_deposits import DepositVerdict, SeenDeposit, explain, payable
from baton.orders.state import OrderState

_PENDING = frozenset({DepositStage.REPORTED, DepositStage.SEEN})


def ask_about_deposits(state: OrderState, seen_before: list[SeenDeposit], now: datetime) -> None:
    """Raise and clear the reasons that concern deposits.

    Args:
        state: The order's state, with its deposits judged.
        seen_before: What the chain showed before the batch.
        now: The time of the batch.
    """
    changed = _changed(state, seen_before)
    if state.deposit is not None:
        clear_refusals(state)
    keys = frozenset(seen.deposit.key for seen in changed)
    _ask_about_verdicts(state, changed, now)
    _ask_about_contradictions(state, keys, now)
    _ask_about_seconds(state, now)
    _ask_about_gone(state, keys, now)


def _changed(state: OrderState, seen_before: list[SeenDeposit]) -> list[SeenDeposit]:
    previous = {seen.deposit.key: seen.verdict for seen in seen_before}
    return [seen for seen in state.sightings if previous.get(seen.deposit.key) is not seen.verdict]


def _ask_about_verdicts(state: OrderState, changed: list[SeenDeposit], now: datetime) -> None:
    """Ask about transfers that nobody can submit as they are: of another asset, of an unknown one, a second one."""
    for seen in changed:
        if reason := VERDICT_REASONS.get(seen.verdict):
            raise_attention(state, reason, explain(seen), now)
    present = {seen.verdict for seen in state.sightings}
    clear_attention(
        state,
        *(
            reason
            for verdict, reason in VERDICT_REASONS.items()
            if verdict not in present and verdict is not DepositVerdict.SECOND
        ),
    )


def _ask_about_contradictions(state: OrderState, changed: frozenset[DepositKey], now: datetime) -> None:
    """Ask when the business reports one deposit and the chain shows another, or shows that the reported one is none."""
    shown, useless = _contradiction(state), _reported_in_vain(state)
    if shown is None and not useless:
        clear_attention(state, AttentionReason.DEPOSIT_DISAGREES)
    if shown and (shown.deposit.key in changed or not was_raised(state, AttentionReason.DEPOSIT_DISAGREES)):
        assert state.deposit is not None
        reported = state.deposit.proof.transaction_id
        message = f"{reported} was reported, the chain shows {shown.deposit.tx_id}; the reported one is submitted first"
        raise_attention(state, AttentionReason.DEPOSIT_DISAGREES, message, now)
    for known in useless:
        reported = known.proof.transaction_id
        message = f"{reported} was reported, and the chain shows no payment in it; it is not submitted"
        _ask(state, AttentionReason.DEPOSIT_DISAGREES, known, message, now)


def _contradiction(state: OrderState) -> SeenDeposit | None:
    """Return the deposit that the chain shows while a report names another, which the chain does not show."""
    current = state.deposit
    unseen = current and current.seen_by == BUSINESS and current.evidence is ChainEvidence.NOTHING
    return payable(state.sightings) if unseen else None


def _ask_about_seconds(state: OrderState, now: datetime) -> None:
    """Ask about deposits that stay behind while another one is submitted."""
    current, contradicts = state.deposit, _contradiction(state)
    waiting = [known for known in state.deposits if known is not current and _waits(known)]
    seconds = [known for known in waiting if contradicts is None or not is_same_deposit(known.proof, contradicts.proof)]
    if not seconds and all(seen.verdict is not DepositVerdict.SECOND for seen in state.sightings):
        clear_attention(state, AttentionReason.SECOND_DEPOSIT)
    for known in seconds:
        assert current is not None
        verb = "is reported" if known.seen_by == BUSINESS else "came"
        ids = f"({known.proof.transaction_id}); only the first ({current.proof.transaction_id})"
        _ask(state, AttentionReason.SECOND_DEPOSIT, known, f"a second deposit {verb} {ids} is submitted", now)


def _waits(known: KnownDeposit) -> bool:
    return known.may_pay and known.stage in _PENDING and known.evidence is not ChainEvidence.GONE


def _reported_in_vain(state: OrderState) -> list[KnownDeposit]:
    """Return the reported deposits that, as the chain shows, pay nothing."""
    in_vain = [known for known in state.deposits if known.evidence is ChainEvidence.DOES_NOT_PAY]
    return [known for known in in_vain if known.seen_by == BUSINESS and known.stage in _PENDING]


def _ask(state: OrderState, reason: AttentionReason, known: KnownDeposit, message: str, now: datetime) -> None:
    if not known.asked:
        known.asked = True
        raise_attention(state, reason, message, now)


def _ask_about_gone(state: OrderState, changed: frozenset[DepositKey], now: datetime) -> None:
    """Ask about a deposit that disappeared and is replaced by none; once if Orchestra may still complete its order."""
    current = state.deposit
    gone = [known for known in state.deposits if known.evidence is ChainEvidence.GONE]
    lost = [known for known in gone if known.stage is not DepositStage.REFUSED and current in (None, known)]
    if not lost:
        clear_attention(state, AttentionReason.DEPOSIT_GONE)
    for seen in state.sightings:
        is_lost = seen.verdict is DepositVerdict.GONE and find(lost, seen.proof) is not None
        known_before = state.view.order_id or was_raised(state, AttentionReason.DEPOSIT_GONE)
        if is_lost and (seen.deposit.key in changed or not known_before):
            raise_attention(state, AttentionReason.DEPOSIT_GONE, explain(seen), now)
