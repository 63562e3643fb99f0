"""An order for `baton show` and `baton watch`. Pure."""

from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console

from baton.cli.views.live import change_line, live_view
from baton.cli.views.order import order_view
from baton.cli.views.placement import standing_view
from baton.orchestra.lifecycle import HARD_ENDS, Status
from baton.orders.answers import Snapshot, Standing
from baton.orders.models import Attention, Outcome, Phase, Reason
from baton.orders.observation import Anomaly, AnomalyKind, Transition
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState
from tests.cli.views.drawing import HOSTILE, NOW, drawn
from tests.orders.states import NOON, attention, known_deposit, order, quote, refused, state, tracked

LONG = "lnbc" + "x" * 300


def snapshot_in(order_state: OrderState) -> Snapshot:
    return snapshot_of(order(), order_state)


def closed(outcome: Outcome, status: Status) -> Snapshot:
    reason = Reason(code="slippage_exceeded", message="the pool moved")
    return snapshot_in(tracked(status)).model_copy(
        update={"phase": Phase.CLOSED, "outcome": outcome, "reason": reason, "closed_at": NOW, "waiting_for": None}
    )


def test_a_long_invoice_stays_whole_for_copying() -> None:
    waits = snapshot_in(state()).model_copy(update={"deposit_address": LONG, "source_chain": "lightning"})
    assert f"pay invoice  {LONG}\n" in drawn(order_view(waits, NOW))


EVERY_STATE: list[OrderState] = [
    state(Phase.QUOTING),
    state(),
    state(quotes=[quote(1), quote(2)]),
    state(deposits=[refused()], attentions=attention("invalid", "no")),
    state(Phase.SUBMITTING, deposits=[known_deposit()], submit_started_at=NOON),
    *[tracked(status) for status in Status if status not in HARD_ENDS],
    tracked("a_status_from_the_future"),
]


@pytest.mark.parametrize("of", EVERY_STATE, ids=lambda of: f"{of.phase}-{of.view.status}")
def test_every_open_state_shows_its_wait_deadline_and_next_step(of: OrderState) -> None:
    snapshot = snapshot_in(of)
    assert snapshot.waiting_for
    view, live = drawn(order_view(snapshot, NOW)), drawn(live_view(snapshot, NOW), soft_wrap=False, width=200)

    for text in (view, live, change_line(snapshot)):
        assert snapshot.waiting_for.what in text
    assert f"then         {snapshot.waiting_for.then}\n" in view
    assert f"then {snapshot.waiting_for.then}" in live
    assert f"{snapshot.waiting_for.until:%Y-%m-%d %H:%M:%S} UTC" in view


def test_an_overdue_wait_shows_since_when() -> None:
    late = NOON + timedelta(days=2)
    assert "due 1 d 0 h ago" in drawn(live_view(snapshot_in(state()), late), soft_wrap=False, width=200)
    assert "(1 d 0 h ago)" in drawn(order_view(snapshot_in(state()), late))


def test_earlier_quotes_anomalies_and_late_statuses_are_shown() -> None:
    anomaly = Anomaly(kind=AnomalyKind.FORBIDDEN_MOVE, message="completed reported after failed")
    late = Transition(status="refunding", at=NOW, source="late")
    snapshot = snapshot_in(state(quotes=[quote(1), quote(2)])).model_copy(
        update={"anomalies": [anomaly], "transitions": [late]}
    )
    text = drawn(order_view(snapshot, NOW))

    assert "0xaddress1, until 2026-02-01 12:02:00 UTC" in text
    assert "completed reported after failed" in text
    assert "refunding    2026-02-01 12:00:30 UTC  reported after the end" in text


def test_what_an_order_left_out_is_counted() -> None:
    snapshot = snapshot_in(tracked("swapping")).model_copy(
        update={"transitions_left_out": 4_800, "anomalies_left_out": 4_950}
    )
    text = drawn(order_view(snapshot, NOW))

    assert "older statuses 4800" in text
    assert "more anomalies 4950, repeats included" in text


@pytest.mark.parametrize(("outcome", "status"), [(Outcome.FAILED, Status.FAILED), (Outcome.REFUNDED, Status.REFUNDED)])
def test_a_failed_or_refunded_order_shows_the_reason(outcome: Outcome, status: Status) -> None:
    snapshot = closed(outcome, status)

    for text in (
        drawn(order_view(snapshot, NOW)),
        drawn(live_view(snapshot, NOW), soft_wrap=False),
        change_line(snapshot),
    ):
        assert outcome in text
        assert "slippage_exceeded: the pool moved" in text
    assert "baton deposit" not in drawn(order_view(snapshot, NOW))


def test_an_order_from_the_ledger_is_marked_as_last_recorded() -> None:
    assert "as last recorded" in drawn(order_view(snapshot_in(state()), NOW, caution="as last recorded; no worker"))


def test_control_characters_in_an_order_are_removed() -> None:
    hostile: dict[str, Any] = {
        "reason": Reason(code="x", message=HOSTILE),
        "attention": Attention(reason="x", message=HOSTILE, since=NOON),
        "deposit_address": HOSTILE,
        "deposit_memo": HOSTILE,
        "transitions": [Transition(status=HOSTILE, at=NOON, source=HOSTILE)],
        "proof": {"txHash": HOSTILE},
    }
    snapshot = snapshot_in(state()).model_copy(update=hostile)
    console = Console(width=80, force_terminal=True, markup=False, emoji=False, color_system=None)
    with console.capture() as caught:
        for view in (order_view(snapshot, NOW), live_view(snapshot, NOW), change_line(snapshot)):
            console.print(view, soft_wrap=True)
        console.print(standing_view("r", "default", Standing(phase=Phase.TRACKING, attention=HOSTILE)))

    assert "\x1b]" not in caught.get()
    assert not {"\x07", "\r"} & set(caught.get())
    assert "[bold]go" in caught.get()
