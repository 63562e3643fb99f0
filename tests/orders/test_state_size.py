"""The largest state that foreign values can make still fits into one payload of Temporal, which is 2 MB."""

from datetime import timedelta
from typing import Any

from baton.chains.deposits import Deposit, DepositState
from baton.orchestra.bounds import MAX_DOCUMENT, MAX_DOCUMENTS
from baton.orchestra.models import OrderRecord, Quote
from baton.orchestra.proofs import DepositProof
from baton.orders.known_deposits import MAX_KNOWN_DEPOSITS, KnownDeposit
from baton.orders.models import OrderPolicy, Reason
from baton.orders.observation import (
    MAX_DOUBTS,
    Anomaly,
    AnomalyKind,
    Doubt,
    Observation,
    OrderView,
    Source,
    Transition,
)
from baton.orders.reports import ApprovalEnd, ApprovalReport, RepriceReport
from baton.orders.rules.anomalies import MAX_ANOMALIES, with_anomalies
from baton.orders.rules.intake import MAX_REPORTS
from baton.orders.rules.present import merge
from baton.orders.rules.timeline import MAX_TRANSITIONS
from baton.orders.seen_deposits import MAX_SEEN_DEPOSITS, DepositVerdict, SeenDeposit
from baton.orders.state import OrderState, TakenQuote
from tests.orders.states import NOON, order, state

PAYLOAD = 2_000_000
LONG = "x" * 10_000


def record(number: int = 0) -> OrderRecord:
    """Return a record whose every text and sub-object is too long."""
    texts = {name: LONG for name, field in OrderRecord.model_fields.items() if "str" in str(field.annotation)}
    documents = {
        name: {"x": "y" * (MAX_DOCUMENT - 100)}
        for name, field in OrderRecord.model_fields.items()
        if "dict" in str(field.annotation)
    }
    at = NOON + timedelta(seconds=number)
    return OrderRecord.model_validate({**texts, **documents, "id": "o" * 200, "status": LONG, "updatedAt": at})


def quotes() -> list[TakenQuote]:
    texts = {name: LONG for name in Quote.model_fields}
    fields = {**texts, "quote_id": "q" * 200, "deposit_address": "a" * 4_096, "deposit_memo": "m" * 200}
    quote = Quote.model_validate({**fields, "amount_in": "1", "expires_at": NOON, "route": [LONG] * 100})
    return [TakenQuote(quote=quote, taken_at=NOON)] * (OrderPolicy(max_requotes=50).max_requotes + 1)


def flooded() -> OrderView:
    observation = Observation(source=Source.WEBHOOK, event=LONG, record=record())
    view = merge(OrderView(), observation).view
    anomalies = [
        Anomaly(kind=kind, message=f"{number} {'m' * 600}") for kind in AnomalyKind for number in range(MAX_ANOMALIES)
    ]
    doubt = Doubt(seen=as_doubted(observation), anomaly=anomalies[0])
    transitions = [Transition(status="s" * 100, at=NOON, until=NOON, source="status_read")] * MAX_TRANSITIONS
    return with_anomalies(view, anomalies).model_copy(
        update={"transitions": transitions, "doubts": [doubt] * MAX_DOUBTS}
    )


def as_doubted(observation: Observation) -> Observation:
    """Return the observation as a doubt keeps it: without its sub-objects."""
    plain = {name: None for name, value in observation.record if isinstance(value, dict | list)}
    return observation.model_copy(update={"record": observation.record.model_copy(update=plain)})


def deposits() -> dict[str, Any]:
    deposit = Deposit(
        chain="base",
        address="a" * 100,
        asset="t" * 100,
        tx_id="h" * 100,
        index="1",
        amount=2**256 - 1,
        sender="s" * 100,
        block_hash="b" * 100,
    )
    seen = SeenDeposit(
        deposit=deposit,
        submit_at=DepositState.CONFIRMED,
        verdict=DepositVerdict.EXACT,
        quote_id="q" * 200,
        first_seen_at=NOON,
    )
    known = KnownDeposit(
        proof=DepositProof(tx_hash="h" * 100, source_address="s" * 200),
        quote_id="q" * 200,
        refusal=Reason(code="c" * 100, message="m" * 500),
    )
    return {"sightings": [seen] * MAX_SEEN_DEPOSITS, "deposits": [known] * MAX_KNOWN_DEPOSITS}


def reports() -> dict[str, Any]:
    approval = ApprovalReport(offer_id="o" * 500, end=ApprovalEnd.ACCEPTED, by="business", reasons=["r" * 500] * 3)
    reprice = RepriceReport(action="approve", by="business", reasons=["r" * 500], refused="m" * 600)
    return {
        "approvals": [approval] * MAX_REPORTS,
        "reprices": [reprice] * MAX_REPORTS,
        "offers": ["o" * 500] * MAX_REPORTS,
        "superseded": ["o" * 200] * MAX_REPORTS,
    }


def largest() -> OrderState:
    return state(view=flooded(), quotes=quotes(), **deposits(), **reports())


def test_the_largest_state_can_continue_as_new() -> None:
    continued = order().model_copy(update={"state": largest()})

    assert len(continued.model_dump_json()) < PAYLOAD


def test_a_records_sub_objects_share_one_bound() -> None:
    (kept,) = [Observation(source=Source.WEBHOOK, record=record()).record]
    documents = [value for _, value in kept if isinstance(value, dict)]

    assert 0 < sum(len(str(document)) for document in documents) <= MAX_DOCUMENTS
