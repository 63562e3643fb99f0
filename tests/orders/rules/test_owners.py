"""Every wait names who owes it: in every phase and status, for every question, before and after it is overdue."""

from datetime import timedelta
from typing import Any

import pytest

from baton.orchestra.lifecycle import HARD_ENDS, Status
from baton.orders.models import OrderPolicy, Phase
from baton.orders.reports import ApprovalEnd, ApprovalReport, RepriceReport
from baton.orders.rules.deadlines import next_deadline
from baton.orders.state import OrderState, PaymentPage
from tests.chains.deposits import deposit
from tests.orders.rules.test_deadlines import shown
from tests.orders.states import NOON, attention, known_deposit, refused, state, tracked

OVERDUE = attention("overdue", "too long")
OFFER = {"zeroconf_offer": {"status": "pending", "quoteId": "z_1"}}
REPRICE = {"reprice": {"status": "awaiting_approval", "requestedAt": NOON.isoformat()}}
IN_REVIEW = {"review_status": "pending_review"}


def _recorded(status: str, question: dict[str, Any], **fields: Any) -> OrderState:
    """A tracked order whose record also has these fields."""
    known = tracked(status, **fields)
    known.view.record = known.view.record.model_copy(update=question)
    return known


def _offered(*ends: ApprovalEnd, **fields: Any) -> OrderState:
    reports = [ApprovalReport(offer_id="z_1", end=end, by="policy") for end in ends]
    return _recorded("awaiting_approval", OFFER, approvals=reports, **fields)


def _repriced(*refusals: str | None) -> OrderState:
    reports = [RepriceReport(requested_at=NOON, action="approve", by="business", refused=said) for said in refusals]
    return _recorded("awaiting_approval", REPRICE, reprices=reports)


def _submitting(**fields: Any) -> OrderState:
    return state(Phase.SUBMITTING, deposits=[known_deposit()], submit_started_at=NOON, **fields)


def _unpaid_onramp() -> OrderState:
    return tracked("processing", page=PaymentPage(order_id="ord_1"))


WAITS = {
    "quoting": (state(Phase.QUOTING), "baton", "a quote"),
    "awaiting deposit": (state(), "payer", "a deposit"),
    "deposit seen": (shown(state(), deposit()), "chain", "the deposit 0xdeposit to be confirmed on base"),
    "deposit seen, overdue": (
        shown(state(attentions=OVERDUE), deposit()),
        "operator",
        "the deposit 0xdeposit to be confirmed on base",
    ),
    "deposit refused": (state(deposits=[refused()]), "business", "a correct deposit report"),
    "deposit refused, overdue": (
        state(deposits=[refused()], attentions=OVERDUE),
        "business",
        "a correct deposit report",
    ),
    "last check unanswered": (
        state(final_checks=2),
        "orchestra",
        "an answer to the last check before the order closes",
    ),
    "submitting": (_submitting(), "orchestra", "Orchestra to accept the deposit's proof"),
    "submitting, overdue": (_submitting(attentions=OVERDUE), "operator", "Orchestra to accept the deposit's proof"),
    "invoice unpaid": (_unpaid_onramp(), "payer", "the payment of the invoice"),
    "processing": (tracked("processing"), "orchestra", "Orchestra to start processing"),
    "held": (_recorded("processing", IN_REVIEW), "orchestra", "Orchestra to finish its review"),
    "held, overdue": (
        _recorded("processing", IN_REVIEW, attentions=OVERDUE),
        "operator",
        "Orchestra to finish its review",
    ),
    "after a hold": (_recorded("bridging", IN_REVIEW), "orchestra", "the bridge between the chains"),
    "confirming": (tracked("confirming"), "chain", "the deposit to be confirmed on its chain"),
    "bridging": (tracked("bridging"), "orchestra", "the bridge between the chains"),
    "swapping": (tracked("swapping"), "orchestra", "the swap"),
    "swapping, overdue": (tracked("swapping", attentions=OVERDUE), "operator", "the swap"),
    "operator's hold": (
        tracked("awaiting_approval"),
        "orchestra",
        "Orchestra's operators to finish their review",
    ),
    "offer open": (_offered(), "business", "an answer to the ZeroConf offer"),
    "offer open, overdue": (_offered(attentions=OVERDUE), "business", "an answer to the ZeroConf offer"),
    "offer answered": (
        _offered(ApprovalEnd.ACCEPTED),
        "orchestra",
        "Orchestra to act on the answer to the ZeroConf offer",
    ),
    "offer left to lapse": (_offered(ApprovalEnd.LAPSED), "orchestra", "the ZeroConf offer to lapse"),
    "repriced": (_repriced(), "business", "an answer to the repricing"),
    "reprice answered": (_repriced(None), "orchestra", "Orchestra to act on the answer to the repricing"),
    "reprice answer refused": (_repriced("invalid_request: no"), "business", "an answer to the repricing"),
    "refunding": (tracked("refunding"), "orchestra", "the refund"),
    "refunding, overdue": (tracked("refunding", attentions=attention("refund_overdue")), "operator", "the refund"),
    "delivering": (tracked("delivering"), "orchestra", "the delivery to the recipient"),
    "unfulfilled": (tracked("unfulfilled"), "payer", "a late deposit"),
    "unfulfilled, last check unanswered": (
        tracked("unfulfilled", final_checks=1),
        "orchestra",
        "an answer to the last check before the order closes",
    ),
    "unknown status": (
        tracked("teleporting"),
        "orchestra",
        "Orchestra, in a status this version does not know",
    ),
}


@pytest.mark.parametrize("name", WAITS)
def test_a_wait_names_who_owes_it_and_what(name: str) -> None:
    known, who, what = WAITS[name]

    waiting = next_deadline(known, OrderPolicy()).waiting

    assert (waiting.who, waiting.what) == (who, what)
    assert waiting.until > NOON


def test_the_table_walks_every_phase_and_every_open_status() -> None:
    states = [known for known, _, _ in WAITS.values()]

    assert {known.phase for known in states} == set(Phase) - {Phase.CLOSED}
    shown_open = {status.value for status in Status if status not in HARD_ENDS and status is not Status.PAUSED}
    assert {known.view.status for known in states} >= shown_open


def test_what_follows_names_a_reminder_only_when_the_wait_is_overdue() -> None:
    second = next_deadline(tracked("swapping", attentions=attention("second_deposit")), OrderPolicy())
    overdue = next_deadline(tracked("swapping", attentions=OVERDUE, reminders=1), OrderPolicy())

    assert second.waiting.then == "an operator is asked to look and Baton keeps polling"
    assert overdue.waiting.then == "an operator is reminded and Baton keeps polling"
    assert overdue.at > second.at + timedelta(hours=1)
