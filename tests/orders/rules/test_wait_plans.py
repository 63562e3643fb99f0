"""Every wait has a plan: who owes what, how long silence may last, and how polls repeat."""

from collections import Counter
from datetime import timedelta

import pytest

from baton.orchestra.lifecycle import HARD_ENDS, Status
from baton.orders.models import Phase, Reason
from baton.orders.rules import wait_plans
from baton.orders.rules.wait_plans import plan_for, plan_of
from baton.orders.state import PaymentPage
from tests.orders.states import known_deposit, quote, state, tracked

PLANS = (*wait_plans.TRACKING.values(), wait_plans.AWAITING_DEPOSIT, wait_plans.SUBMITTING)
OPEN = [status for status in Status if status not in HARD_ENDS and status is not Status.PAUSED]


@pytest.mark.parametrize("status", OPEN)
def test_every_open_status_has_a_plan_of_its_own(status: Status) -> None:
    assert plan_for(Phase.TRACKING, status.value) is not wait_plans.UNKNOWN_STATUS


def test_a_status_this_version_does_not_know_is_polled_too() -> None:
    assert plan_for(Phase.TRACKING, "teleporting") is wait_plans.UNKNOWN_STATUS


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_names_its_owner_and_gives_up_later_than_it_polls(plan: wait_plans.WaitPlan) -> None:
    assert plan.what
    assert plan.who
    assert 1 <= plan.urgency <= 5
    assert plan.cadence.first <= plan.cadence.longest
    assert plan.silence < plan.patience


def test_an_approval_is_the_business_s_and_the_most_urgent_poll() -> None:
    plan = plan_for(Phase.TRACKING, "awaiting_approval")

    assert (plan.who, plan.urgency) == (wait_plans.BUSINESS, 1)


def test_pauses_between_polls_grow_to_the_longest_and_stay_there() -> None:
    cadence = plan_for(Phase.TRACKING, "swapping").cadence
    pauses = [cadence.pause(attempt) for attempt in range(1, 200)]

    assert pauses[0] == cadence.first
    assert pauses == sorted(pauses)
    assert pauses[-1] == cadence.longest == timedelta(seconds=120)


def test_an_unpaid_onramp_waits_for_its_payer_until_the_invoice_expires() -> None:
    page = PaymentPage(order_id="ord_1")
    unpaid = tracked("processing", page=page)
    expired = tracked("processing", page=page, quotes=[quote().model_copy(update={"expiry_handled": True})])

    assert plan_of(unpaid) is wait_plans.AWAITING_PAYMENT
    assert plan_of(expired) is plan_for(Phase.TRACKING, "processing")


def test_an_order_without_a_deposit_waits_for_its_payer() -> None:
    assert plan_of(state()) is wait_plans.AWAITING_DEPOSIT


def test_refusals_that_alternate_pause_as_long_as_one_that_stays() -> None:
    refused = known_deposit(refusals=12, refusal=Reason(code="conflict", message="again"))

    resubmit = wait_plans.resubmit_of(refused, alone=True)

    assert wait_plans.pause_before_submit(refused) == timedelta(minutes=15)
    assert resubmit is not None
    assert (resubmit.cadence.pause(1), resubmit.times) == (timedelta(minutes=15), None)


def test_a_deposit_gives_another_one_its_turn() -> None:
    refused = known_deposit(refusals=1, refusal=Reason(code="tx_not_found", message="not visible"))

    resubmit = wait_plans.resubmit_of(refused, alone=False)

    assert resubmit is not None
    assert resubmit.times == wait_plans.TURN


def test_a_first_submit_repeats_no_refusal() -> None:
    assert wait_plans.resubmit_of(known_deposit(), alone=True) is None


def test_a_long_poll_never_overflows_its_pause() -> None:
    assert wait_plans.ACCESS_REFUSED.pause(10_000) == timedelta(hours=1)


def test_refused_reads_lengthen_the_silence_before_a_poll() -> None:
    silence = [wait_plans.silence_before_poll(tracked("processing", refused_reads=count)) for count in (0, 1, 9)]

    assert silence == [timedelta(seconds=60), timedelta(seconds=60), timedelta(hours=1)]


def test_orders_placed_together_poll_at_different_moments() -> None:
    shares = [wait_plans.share_of(f"order/default/shop-{number}") for number in range(1_000)]
    moments = [wait_plans.silence_before_poll(state(), share).total_seconds() for share in shares]
    busiest = max(Counter(int(moment) for moment in moments).values())

    assert min(moments) >= wait_plans.AWAITING_DEPOSIT.silence.total_seconds()
    assert max(moments) < 2 * min(moments) + 1
    assert busiest < 2 * len(moments) / (max(moments) - min(moments))


def test_an_orders_share_of_the_spread_never_changes() -> None:
    assert wait_plans.share_of("order/default/shop-1") == pytest.approx(0.71246, abs=1e-5)


@pytest.mark.parametrize("share", [0, 0.5, 0.999])
@pytest.mark.parametrize("later", [plan for plan in PLANS if plan is not wait_plans.AWAITING_DEPOSIT])
def test_a_deposit_never_moves_the_next_poll_ahead(later: wait_plans.WaitPlan, share: float) -> None:
    """An earlier poll would cancel a timer and start another: two more events for each order."""
    before = wait_plans.AWAITING_DEPOSIT

    assert later.silence * (1 + later.spread * share) >= before.silence * (1 + before.spread * share)
