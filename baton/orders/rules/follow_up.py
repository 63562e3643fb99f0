"""What follows an order's end: whether something that comes later continues it, and the follow-up that does. Pure.

One function builds every follow-up, whether a webhook, the chain or the business brings the news, so each keeps the
closed order's request, policy, payer, source and quotes.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self

from baton.orchestra.models import OrderRecord, Quote
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import OrderResult, ProofLine, QuoteLine, Snapshot
from baton.orders.known_deposits import ChainEvidence, DepositStage, KnownDeposit, find
from baton.orders.models import RESOLVED_BY_OPERATOR, Attention, OnQuoteExpiry, Outcome, Phase
from baton.orders.names import follow_up_reference
from baton.orders.observation import OrderView
from baton.orders.place_order import BY_DEPOSIT, PlaceOrder
from baton.orders.seen_deposits import PAYS, DepositNotice, DepositVerdict, proof_of, verdict_on
from baton.orders.state import OrderState, TakenQuote

_OWN_OUTCOMES = frozenset({Outcome.EXPIRED, Outcome.CANCELLED, Outcome.UNFULFILLED, Outcome.FAILED})
"""Outcomes that Baton can decide without Orchestra."""

_REPORTABLE = frozenset({Outcome.EXPIRED, Outcome.CANCELLED, Outcome.UNFULFILLED})
"""Own outcomes after which the business may report a deposit; after the others the order was refused or broken."""


class OrderEnd(NamedTuple):
    """How an order ended.

    Attributes:
        outcome: The outcome; None if its workflow was stopped from outside, for instance terminated.
        status: The last status.
        order_id: The Orchestra order that it tracked.
        superseded: Earlier Orchestra orders that this one replaced.
        by_hand: An operator closed it, with an outcome that Orchestra did not report.
    """

    outcome: Outcome | None = None
    status: str | None = None
    order_id: str | None = None
    superseded: tuple[str, ...] = ()
    by_hand: bool = False

    @classmethod
    def of(cls, closed: Snapshot | OrderResult) -> Self:
        """Return the end that a snapshot or a result shows."""
        by_hand = closed.reason is not None and closed.reason.code == RESOLVED_BY_OPERATOR
        return cls(closed.outcome, closed.status, closed.order_id, tuple(closed.superseded or ()), by_hand)

    @property
    def decided_by_baton(self) -> bool:
        """Whether Baton ended the order, for instance because no deposit came in time, and Orchestra did not."""
        return self.outcome in _OWN_OUTCOMES and self.status != self.outcome

    def is_about(self, order_id: str) -> bool:
        """Whether an Orchestra order may be the one that ended, and is not a second one under its quote."""
        return self.order_id is None or order_id in (self.order_id, *self.superseded)

    def resumes(self, status: str) -> bool:
        """Whether a later status shows that the order continues at Orchestra.

        If Orchestra ended the order, nothing can follow. If Baton ended it, or its workflow was stopped, any status
        means that it continues. An order that Orchestra left unfulfilled, or that an operator closed, continues when
        its status changes.
        """
        if self.outcome is None or self.decided_by_baton:
            return True
        return (self.outcome is Outcome.UNFULFILLED or self.by_hand) and status != self.status

    @property
    def takes_report(self) -> bool:
        """Whether a deposit that the business reports continues the order."""
        own = self.decided_by_baton and self.outcome in _REPORTABLE
        return self.outcome is None or own or self.outcome is Outcome.UNFULFILLED


_MONEY = PAYS | {DepositVerdict.WRONG_TOKEN, DepositVerdict.UNKNOWN_TOKEN}
"""Verdicts on deposits about which a person is asked where no follow-up continues with them."""


class AfterEnd(StrEnum):
    """What a deposit on the chain does to an order that has ended."""

    FOLLOW_UP = "follow_up"
    """A follow-up continues with it."""
    ASK = "ask"
    """A person must decide about the money."""
    NOTHING = "nothing"
    """It is no new money, or too little, or Orchestra ended the order and decides."""


def after_notice(closed: Snapshot, end: OrderEnd, notice: DepositNotice) -> AfterEnd:
    """Return what a deposit on the chain does to an order that has ended."""
    verdict = _verdict(closed, notice)
    own_end = end.decided_by_baton or end.by_hand
    settled_by_orchestra = end.outcome not in (None, Outcome.UNFULFILLED) and not own_end
    if verdict is None or settled_by_orchestra:
        return AfterEnd.NOTHING
    if verdict in PAYS and _continues(closed, end, notice):
        return AfterEnd.FOLLOW_UP
    return AfterEnd.ASK if verdict in _MONEY and not _is_known(closed, notice) else AfterEnd.NOTHING


def _verdict(closed: Snapshot, notice: DepositNotice) -> DepositVerdict | None:
    """Return the verdict on a deposit; None if it is at none of the order's addresses, or needs no submit."""
    address = notice.deposit.address
    line = next((line for line in reversed(closed.quotes) if line.deposit_address == address), None)
    if line is None or closed.kind not in BY_DEPOSIT:
        return None
    return verdict_on(notice.deposit, _quote(line), closed.source_asset, [])


def _continues(closed: Snapshot, end: OrderEnd, notice: DepositNotice) -> bool:
    if end.outcome is Outcome.EXPIRED:
        return not (end.order_id or closed.proof)
    if end.outcome is Outcome.UNFULFILLED:
        return not _is_known(closed, notice)
    return end.outcome is None


def _is_known(closed: Snapshot, notice: DepositNotice) -> bool:
    """Whether the order had seen or submitted this deposit before it ended."""
    deposit = notice.deposit
    listed = any((line.tx_id, line.index) == (deposit.tx_id, deposit.index) for line in closed.deposits)
    return listed or knows_deposit(closed, proof_of(deposit))


def knows_deposit(closed: Snapshot, proof: DepositProof) -> bool:
    """Whether anybody had named this deposit before the order ended."""
    return find(_deposits(closed), proof) is not None


def follow_up_of(closed: Snapshot, now: datetime, *, order_id: str | None = None) -> PlaceOrder:
    """Return the order that continues after another has ended, with that one's request, policy, payer and quotes.

    Args:
        closed: The order that has ended.
        now: The time.
        order_id: The Orchestra order that continues; None if a deposit came and Orchestra has no new order yet.

    Returns:
        An order that tracks Orchestra's order where there is one, and otherwise waits for the deposit.
    """
    same = order_id in (None, closed.order_id)
    tracks = order_id is not None or closed.order_id is not None
    return PlaceOrder(
        account=closed.account,
        reference=follow_up_reference(closed.reference),
        kind=closed.kind,
        request=closed.request,
        # The quotes have expired, but the money is there: their expiry must not close the follow-up.
        policy=closed.policy.model_copy(update={"on_quote_expiry": OnQuoteExpiry.WAIT}),
        payer=closed.payer,
        metadata={} if closed.source else closed.metadata,
        source=closed.source,
        state=OrderState(
            phase=Phase.TRACKING if tracks else Phase.AWAITING_DEPOSIT,
            opened_at=now,
            heard_at=now,
            quotes=[_taken_quote(line, line.taken_at or closed.opened_at) for line in closed.quotes],
            deposits=_deposits(closed) if same else [],
            address_deposit=closed.address_deposit,
            view=_view(closed) if same else OrderView(),
            attentions=_attentions(closed),
            superseded=closed.superseded,
            page=closed.page,
        ),
    )


def _view(closed: Snapshot) -> OrderView:
    """Return what the closed order knew of Orchestra's order: its id and its status."""
    if closed.order_id is None or closed.status is None:
        return OrderView()
    record = OrderRecord(
        id=closed.order_id, status=closed.status, quote_id=closed.quote_id, updated_at=closed.updated_at
    )
    return OrderView(record=record, present=closed.status, present_at=closed.updated_at)


def _deposits(closed: Snapshot) -> list[KnownDeposit]:
    """Return the deposits that the closed order knew, as if they were still to be submitted or tracked."""
    deposits = [
        KnownDeposit(
            proof=DepositProof.model_validate(line.proof),
            quote_id=line.quote_id or closed.quote_id,
            stage=_stage(line),
            seen_by=line.seen_by,
            evidence=ChainEvidence(line.on_chain),
            refusal=line.refusal,
        )
        for line in closed.proofs
    ]
    if closed.proof and not closed.proofs:  # a snapshot of an older version
        stage = DepositStage.ACCEPTED if closed.order_id else DepositStage.REPORTED
        proof = DepositProof.model_validate(closed.proof)
        deposits.append(KnownDeposit(proof=proof, quote_id=closed.quote_id, stage=stage))
    return deposits


def _stage(line: ProofLine) -> DepositStage:
    """Return the stage of a deposit; one whose submit was under way is submitted again, which makes no second order."""
    stage = DepositStage(line.stage)
    return DepositStage.REPORTED if stage is DepositStage.SUBMITTING else stage


def _attentions(closed: Snapshot) -> dict[str, Attention]:
    """Return the attention that the next order gets: that of an order which did not end; an ended one keeps its own."""
    return {} if closed.outcome else {attention.reason: attention for attention in closed.attentions}


def _quote(line: QuoteLine) -> Quote:
    return Quote.model_validate(line.model_dump(exclude={"taken_at"}))


def _taken_quote(line: QuoteLine, at: datetime) -> TakenQuote:
    return TakenQuote(quote=_quote(line), taken_at=at, expiry_handled=True)
