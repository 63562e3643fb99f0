"""Orders, placements and lists as text for people. Pure."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from rich.console import Console, RenderableType

from baton.cli.views.live import change_line, live_view
from baton.cli.views.order import order_view
from baton.cli.views.order_list import orders_table
from baton.cli.views.payment import proof_command
from baton.cli.views.placement import placement_view, standing_view
from baton.cli.views.values import amount, clean, due, span
from baton.orchestra.lifecycle import HARD_ENDS, Status
from baton.orders.answers import Placement, Snapshot, Standing
from baton.orders.models import Attention, Outcome, Phase, Reason
from baton.orders.observation import Anomaly, AnomalyKind, Transition
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState
from baton.orders.visibility import OrderLine
from tests.orders.states import NOON, order, quote, report, state, tracked

HOSTILE = "\x1b]0;owned\x07[bold]go\r\nback"
LONG = "lnbc" + "x" * 300
NOW = NOON + timedelta(seconds=30)


def snapshot_in(order_state: OrderState) -> Snapshot:
    return snapshot_of(order(), order_state)


def drawn(view: RenderableType, *, soft_wrap: bool = True, width: int = 80) -> str:
    text = io.StringIO()
    Console(file=text, width=width, markup=False, highlight=False, emoji=False).print(view, soft_wrap=soft_wrap)
    return text.getvalue()


def closed(outcome: Outcome, status: Status) -> Snapshot:
    reason = Reason(code="slippage_exceeded", message="the pool moved")
    return snapshot_in(tracked(status)).model_copy(
        update={"phase": Phase.CLOSED, "outcome": outcome, "reason": reason, "closed_at": NOW, "waiting_for": None}
    )


def test_a_placement_shows_all_that_a_payer_needs() -> None:
    placement = Placement(
        workflow_id="order/default/invoice-42",
        account="default",
        reference="invoice-42",
        phase=Phase.AWAITING_DEPOSIT,
        quote_id="q_1",
        deposit_address="rAddress",
        deposit_memo="4711",
        source_chain="xrpl",
        source_asset="XRP",
        amount_in=2**200,
        expires_at=NOON + timedelta(minutes=2),
    )
    text = drawn(placement_view(placement, NOW))

    assert f"send         {2**200} XRP (smallest units) on xrpl\n" in text
    assert "to           rAddress\n" in text
    assert "with memo    4711 (required" in text
    assert "until        2026-02-01 12:02:00 UTC (in 1 min 30 s)\n" in text
    assert "baton deposit invoice-42 --tx-hash HASH\n" in text
    assert "baton watch invoice-42\n" in text


def test_a_long_invoice_stays_whole_for_copying() -> None:
    waits = snapshot_in(state()).model_copy(update={"deposit_address": LONG, "source_chain": "lightning"})
    assert f"pay invoice  {LONG}\n" in drawn(order_view(waits, NOW))


@pytest.mark.parametrize(
    ("chain", "command"),
    [
        ("base", "baton deposit r --tx-hash HASH"),
        ("spark", "baton deposit r --spark-tx-hash TRANSFER"),
        ("bitcoin", "baton deposit r --bitcoin-txid TXID --bitcoin-vout OUTPUT"),
        ("lightning", "baton deposit r"),
    ],
)
def test_the_deposit_command_has_the_proof_of_the_source_chain(chain: str, command: str) -> None:
    assert proof_command("r", "default", chain) == command
    assert "--account acme" in proof_command("r", "acme", chain)


EVERY_STATE: list[OrderState] = [
    state(Phase.QUOTING),
    state(),
    state(quotes=[quote(1), quote(2)]),
    state(refused_deposits=[report()], attention=Attention(reason="invalid", message="no", since=NOON)),
    state(Phase.SUBMITTING, deposit=report(), submit_started_at=NOON),
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


def test_a_list_marks_orders_that_need_attention() -> None:
    line = OrderLine(
        reference="invoice-42",
        account="default",
        workflow_id="order/default/invoice-42",
        phase="tracking",
        status="swapping",
        attention=True,
        route="base:USDC>spark:BTC",
        next_deadline=NOW + timedelta(hours=5),
        opened_at=NOON,
    )
    row = drawn(orders_table([line], NOW), soft_wrap=False, width=200).splitlines()[-2]
    assert row.split("  ")[0].strip() == "invoice-42"
    for part in ("tracking !", "swapping", "base:USDC>spark:BTC", "2026-02-01 12:00:00", "in 5 h 0 min"):
        assert part in row


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=14, seconds=32), "14 min 32 s"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 h 59 min"),
        (timedelta(days=30), "30 d 0 h"),
    ],
)
def test_a_duration_is_shown_in_two_units(length: timedelta, text: str) -> None:
    assert span(length) == text


def test_amounts_are_whole_numbers_of_the_smallest_unit() -> None:
    assert amount(2**256 - 1, "ETH") == f"{2**256 - 1} ETH (smallest units)"
    assert amount(0) == "0 smallest units"
    assert amount(None, "ETH") is None


def test_a_deadline_shows_how_far_away_it_is() -> None:
    at = datetime.fromisoformat("2026-02-01T12:00:30+00:00")
    assert due(at, NOON) == "2026-02-01 12:00:30 UTC (in 30 s)"
    assert due(at, at) == "2026-02-01 12:00:30 UTC (0 s ago)"
    assert due(None, at) is None


def test_clean_text_is_one_printable_line() -> None:
    assert clean(HOSTILE).isprintable()
    assert clean("spark1… → ünï") == "spark1… → ünï"
