"""Every wait has an end and an owner, and says what happens then."""

from datetime import timedelta

import pytest

from baton.chains.deposits import Deposit
from baton.holds.models import HeldCalls, HeldOrder
from baton.orchestra.lifecycle import HARD_ENDS, Status
from baton.orders.models import OnQuoteExpiry, OrderPolicy, Phase
from baton.orders.rules.deadlines import INVOICE_MARGIN, DeadlineAction, next_deadline
from baton.orders.rules.deposits import apply_deposits
from baton.orders.rules.wait_plans import LATE_MONEY_WINDOW, REMINDER, TRACKING, UNCONFIRMED_PATIENCE
from baton.orders.seen_deposits import DepositNotice
from baton.orders.state import OrderState
from tests.chains.deposits import CONFIRMED, FINAL, GONE, deposit
from tests.orders.states import NOON, attention, known_deposit, order, quote, refused, state, tracked

OPEN_STATUSES = [status.value for status in Status if status not in HARD_ENDS and status is not Status.PAUSED]
LATE = attention("overdue", "too long")


def shown(known: OrderState, *deposits: Deposit) -> OrderState:
    """Return the state after notices of these deposits, to be submitted once confirmed."""
    apply_deposits(order(), known, [], [DepositNotice(deposit=each, submit_at=CONFIRMED) for each in deposits], NOON)
    return known


EVERY_VERDICT = {
    "unconfirmed": [deposit()],
    "confirmed": [deposit(state=CONFIRMED)],
    "gone": [deposit(state=CONFIRMED), deposit(state=GONE)],
    "gone and replaced": [deposit(), deposit(state=GONE), deposit("0xsuccessor")],
    "wrong token": [deposit(symbol=None, state=FINAL)],
    "dust": [deposit(amount=1, state=FINAL)],
    "unproven": [deposit(index="balance:1", state=FINAL)],
    "second": [deposit(), deposit("0xsecond")],
}
SEEN_STATES = [
    shown(known(), *deposits)
    for deposits in EVERY_VERDICT.values()
    for known in (
        state,
        lambda: state(deposits=[refused()], attentions=LATE),
        lambda: state(Phase.SUBMITTING, deposits=[known_deposit()], submit_started_at=NOON),
        lambda: tracked("processing"),
    )
]
HELD = HeldOrder(
    hold_id="hold-1",
    what=HeldCalls.SUBMITS,
    reason="the node is behind",
    since=NOON,
    waits_since=NOON,
    look_at=NOON + timedelta(minutes=1),
)
HELD_APPROVAL = HELD.model_copy(update={"what": HeldCalls.APPROVALS})
EVERY_STATE = [
    *SEEN_STATES,
    state(Phase.SUBMITTING, deposits=[known_deposit()], submit_started_at=NOON, held=HELD),
    state(Phase.SUBMITTING, deposits=[known_deposit()], submit_started_at=NOON, held=HELD, attentions=LATE),
    tracked("awaiting_approval", held=HELD_APPROVAL),
    tracked("awaiting_approval", held=HELD_APPROVAL, reminders=2, attentions=LATE),
    state(Phase.QUOTING),
    state(),
    state(quotes=[quote(1), quote(2)]),
    state(quotes=[quote(lightning=True)]),
    state(deposits=[refused()], attentions=LATE),
    state(Phase.SUBMITTING, deposits=[known_deposit()], submit_started_at=NOON),
    state(Phase.SUBMITTING, deposits=[known_deposit()], submit_started_at=NOON, reminders=3, attentions=LATE),
    *[tracked(status) for status in [*OPEN_STATUSES, "a_status_from_the_future"]],
    *[tracked(status, reminders=2, attentions=LATE) for status in OPEN_STATUSES],
]
EVERY_POLICY = [OrderPolicy(on_quote_expiry=choice) for choice in OnQuoteExpiry]


@pytest.mark.parametrize("policy", EVERY_POLICY, ids=lambda policy: policy.on_quote_expiry.value)
@pytest.mark.parametrize("known", EVERY_STATE)
def test_every_open_state_waits_for_someone_until_some_time(known: OrderState, policy: OrderPolicy) -> None:
    deadline = next_deadline(known, policy)

    assert deadline is not None
    assert deadline.waiting.who in {"payer", "chain", "orchestra", "business", "operator", "baton"}
    assert deadline.waiting.what
    assert deadline.waiting.then
    assert deadline.at > NOON


def test_a_closed_order_waits_for_nothing() -> None:
    assert next_deadline(state(Phase.CLOSED), OrderPolicy()) is None


def test_every_open_public_status_has_a_plan() -> None:
    assert {status.value for status in TRACKING} == set(OPEN_STATUSES)


def test_by_default_an_expired_quote_keeps_its_address_for_the_window() -> None:
    deadline = next_deadline(state(), OrderPolicy())

    assert deadline.action is DeadlineAction.EXPIRE
    assert deadline.at == NOON + timedelta(hours=24)


def test_requote_requests_new_quotes_up_to_the_policys_number() -> None:
    policy = OrderPolicy(on_quote_expiry=OnQuoteExpiry.REQUOTE, max_requotes=1)

    first = next_deadline(state(), policy)
    second = next_deadline(state(quotes=[quote(1), quote(2)]), policy)

    assert (first.action, first.at) == (DeadlineAction.REQUOTE, NOON + timedelta(seconds=120))
    assert (second.action, second.at) == (DeadlineAction.EXPIRE, NOON + timedelta(hours=24))


def test_no_quote_is_requested_after_the_deposit_window() -> None:
    policy = OrderPolicy(on_quote_expiry=OnQuoteExpiry.REQUOTE, deposit_window=timedelta(seconds=100))

    assert next_deadline(state(), policy).action is DeadlineAction.EXPIRE


def test_expire_closes_at_the_quotes_expiry() -> None:
    deadline = next_deadline(state(), OrderPolicy(on_quote_expiry=OnQuoteExpiry.EXPIRE))

    assert (deadline.action, deadline.at) == (DeadlineAction.EXPIRE, NOON + timedelta(seconds=120))


def test_a_lightning_order_expires_with_its_invoice() -> None:
    deadline = next_deadline(state(quotes=[quote(lightning=True)]), OrderPolicy())

    assert (deadline.action, deadline.at) == (DeadlineAction.EXPIRE, NOON + timedelta(seconds=120) + INVOICE_MARGIN)


def test_an_order_with_a_refused_deposit_never_expires_by_itself() -> None:
    known = state(deposits=[refused()], attentions=LATE)

    for policy in EVERY_POLICY:
        deadline = next_deadline(known, policy)
        assert deadline.action is DeadlineAction.RAISE_ATTENTION
        assert deadline.waiting.who == "business"


def test_an_unfulfilled_order_waits_for_late_money_and_then_closes() -> None:
    deadline = next_deadline(tracked("unfulfilled"), OrderPolicy())

    assert (deadline.action, deadline.at) == (DeadlineAction.CLOSE_UNFULFILLED, NOON + LATE_MONEY_WINDOW)


def test_a_reminder_moves_the_deadline_and_the_operator_owns_the_wait() -> None:
    first = next_deadline(tracked("swapping"), OrderPolicy())
    reminded = next_deadline(tracked("swapping", reminders=1, attentions=LATE), OrderPolicy())

    assert first.waiting.who == "orchestra"
    assert reminded.waiting.who == "operator"
    assert reminded.at == first.at + REMINDER


@pytest.mark.parametrize("policy", EVERY_POLICY, ids=lambda policy: policy.on_quote_expiry.value)
def test_a_seen_deposit_keeps_its_order_open_under_every_policy(policy: OrderPolicy) -> None:
    deadline = next_deadline(shown(state(), deposit()), policy)

    assert (deadline.action, deadline.at) == (DeadlineAction.RAISE_ATTENTION, NOON + UNCONFIRMED_PATIENCE)
    assert deadline.waiting.who == "chain"
    assert "0xdeposit" in deadline.waiting.what


def test_an_operator_is_reminded_of_a_deposit_that_stays_unconfirmed() -> None:
    deadline = next_deadline(shown(state(reminders=1), deposit()), OrderPolicy())

    assert deadline.at == NOON + UNCONFIRMED_PATIENCE + REMINDER


@pytest.mark.parametrize("kind", ["gone", "wrong token", "dust", "unproven"])
def test_deposits_that_pay_nothing_let_the_order_expire(kind: str) -> None:
    known = shown(state(), *EVERY_VERDICT[kind])

    assert next_deadline(known, OrderPolicy()) == next_deadline(state(), OrderPolicy())


@pytest.mark.parametrize(
    ("question", "owner"),
    [({}, "orchestra"), ({"zeroconf_offer": {"status": "pending", "quoteId": "z_1"}}, "business")],
    ids=["hold", "offer"],
)
def test_an_approval_is_owned_by_whoever_must_give_it(question: dict, owner: str) -> None:
    known = tracked("awaiting_approval")
    known.view.record = known.view.record.model_copy(update=question)

    assert next_deadline(known, OrderPolicy()).waiting.who == owner


def test_attention_about_something_else_leaves_the_wait_with_its_owner() -> None:
    second = attention("second_deposit", "two")

    assert next_deadline(tracked("swapping", attentions=second), OrderPolicy()).waiting.who == "orchestra"
