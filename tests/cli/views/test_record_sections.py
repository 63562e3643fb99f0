"""The parts of Orchestra's order record that `baton show` prints. Pure."""

from typing import Any

import pytest

from baton.cli.views.order import order_view
from baton.orchestra.models import WebhookEvent
from baton.orders.answers import DepositLine, ReceivedLine, Snapshot
from baton.orders.models import Attention, Payer, Phase
from baton.orders.observation import Observation, OrderView
from baton.orders.reports import RepriceReport
from baton.orders.rules.present import merge
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState, PaymentPage, Resolved
from tests.cli.views.drawing import HOSTILE, NOW, drawn
from tests.orders.states import NOON, order, state, tracked
from tests.paths import FIXTURES

REPRICE = {
    "status": "awaiting_approval",
    "previousLockedMinAmountOut": "102749",
    "proposedMinAmountOut": "101927",
    "latestExpectedAmountOut": "102440",
    "requestedAt": "2026-02-01T12:00:00.000Z",
    "reason": "output_below_minimum",
}


def documented(fixture: str) -> Snapshot:
    """Return the snapshot of an order after a documented webhook."""
    event = WebhookEvent.model_validate_json((FIXTURES / f"{fixture}.json").read_bytes())
    view = merge(OrderView(), Observation.of_webhook(event)).view
    return snapshot_of(order(), state(Phase.TRACKING, view=view, status_since=NOON))


def shown(snapshot: Snapshot) -> list[str]:
    return [" ".join(line.split()) for line in drawn(order_view(snapshot, NOW), width=400).splitlines()]


def with_records(of: OrderState | None = None, **records: Any) -> Snapshot:
    return snapshot_of(order(), of or tracked("swapping")).model_copy(update={"records": records})


def block(lines: list[str], title: str) -> list[str]:
    """Return the lines of one section."""
    start = lines.index(title) + 1
    end = lines.index("", start) if "" in lines[start:] else len(lines)
    return lines[start:end]


def test_fees_show_planned_shares_and_payouts_with_transactions() -> None:
    fees = block(shown(documented("seed003_webhook_order_refunding_exact_out")), "Fees")

    assert "fee 100000 smallest units, 5 bps" in fees
    assert "settled in USDC on solana" in fees
    assert "planned 50 bps to So1AffiliateOne... (affiliate flashpartner)" in fees
    assert "planned 50 bps to So1AffiliateTwo..." in fees
    assert (
        "app fee 0.02475 USDC (24750 smallest units) to So1AffiliateOne... (affiliate flashpartner), "
        "19800 for the recipient, 4950 for the platform, tx 5kW..." in fees
    )
    assert "recipient payout 2.475 USDC (2475000 smallest units) to So1RecipientAddress..., tx 3hN..." in fees


def test_an_exact_output_shows_its_bounds_and_what_was_received() -> None:
    lines = shown(documented("seed003_webhook_order_refunding_exact_out"))

    assert block(lines, "Exact output") == [
        "target 1 BTC (100000000 smallest units)",
        "required 0.25 USDC (250000 smallest units)",
        "at most 0.25005 USDC (250050 smallest units)",
        "received 0.2499 USDC (249900 smallest units)",
        "refund to bc1q...",
    ]
    assert block(lines, "Received") == [
        "received 0.2499 USDC (249900 smallest units)",
        "expected 0.25 USDC (250000 smallest units) to 0.25005 USDC (250050 smallest units)",
        "verdict below required",
    ]
    assert block(lines, "Pay link") == ["id pl_abc123", "label October invoice #42"]


def test_the_price_lock_and_the_swap_are_shown() -> None:
    lines = shown(documented("seed001_webhook_order_completed_solana_usdc_pricelock"))

    assert block(lines, "Price lock") == [
        "kind approval required",
        "quoted 0.9634 BTC (96340000 smallest units)",
        "at least 0.958583 BTC (95858300 smallest units)",
        "slippage 50 bps",
        "until 2026-01-15 12:06:00 UTC",
    ]
    swap = "swap 100000 BTC (smallest units) → 96740000 USDB (smallest units), at least 96256300"
    assert block(lines, "Swaps") == [f"{swap}, price impact 0.01 %, by flashnet"]


def test_dollar_figures_and_stages_with_their_times_are_shown() -> None:
    stages = [
        {"name": "deposit_confirmed", "status": "completed", "completedAt": "2026-02-01T12:00:10.000Z"},
        {"name": "swapped", "status": "completed"},
    ]
    lines = shown(with_records(amountFiatUsd="25.00", spotUsdPerBtc="96740.00", amountInUsd="25.00", stages=stages))

    assert block(lines, "In dollars") == ["requested 25.00 USD", "in 25.00", "one BTC 96740.00"]
    assert block(lines, "Stages") == ["deposit confirmed 2026-02-01 12:00:10 UTC", "swapped -"]


def test_a_pending_repricing_shows_its_loss_and_how_to_answer() -> None:
    lines = shown(with_records(tracked("awaiting_approval"), reprice=REPRICE))

    assert block(lines, "Repricing") == [
        "state awaiting approval",
        "because output below minimum",
        "locked 0.00102749 BTC (102749 smallest units)",
        "proposed 0.00101927 BTC (101927 smallest units), 81 bps less",
        "now expected 0.0010244 BTC (102440 smallest units)",
        "asked 2026-02-01 12:00:00 UTC",
    ]
    assert "answer it baton reprice invoice-42 --approve or --reject" in lines


def test_deposits_seen_on_chain_are_shown_with_their_verdict() -> None:
    fields = {"index": "0", "asset": "USDC", "amount": 7, "state": "seen", "confirmations": 2, "quote_id": "q_1"}
    lines = [
        DepositLine.model_validate({**fields, "tx_id": "0xa", "verdict": "wrong_token", "asset": "USDT"}),
        DepositLine.model_validate({**fields, "tx_id": "0xb", "verdict": "exact", "submitted": True}),
    ]
    snapshot = with_records().model_copy(update={"deposits": lines})

    assert block(shown(snapshot), "Deposits seen") == [
        "wrong token 7 USDT (smallest units), seen, 2 confirmations, tx 0xa",
        "exact 0.000007 USDC (7 smallest units), seen, 2 confirmations, submitted, tx 0xb",
    ]


def test_an_answered_repricing_shows_who_why_and_orchestras_reply() -> None:
    answers = [
        RepriceReport(action="approve", by="policy", minimum=101927, reasons=["within 100 bps"]),
        RepriceReport(action="reject", by="business", refused="conflict: answered before", too_late=True),
    ]
    settled = {**REPRICE, "status": "approved", "resolvedAt": "2026-02-01T12:00:20.000Z"}
    lines = shown(with_records(reprice=settled).model_copy(update={"reprices": answers}))

    assert "answer approve down to 0.00101927 BTC (101927 smallest units) by policy; within 100 bps" in lines
    late = "refused by Orchestra as too late: conflict: answered before"
    assert f"answer reject by business; {late}" in lines
    assert "resolved 2026-02-01 12:00:20 UTC" in lines
    assert not any("baton reprice" in line for line in lines)


def test_a_resolution_is_shown_and_attention_names_the_command() -> None:
    attention = Attention(reason="second_deposit", message="two came", since=NOON)
    resolved = Resolved(at=NOON, reason="overdue", note="asked the payer")
    lines = shown(with_records().model_copy(update={"attention": attention, "resolutions": [resolved]}))

    assert block(lines, "Resolved by hand") == ["overdue 2026-02-01 12:00:00 UTC asked the payer"]
    assert "resolve it baton resolve invoice-42 --note TEXT" in lines


def test_an_onramp_shows_links_until_paid_and_no_deposit_command() -> None:
    page = PaymentPage(
        order_id="ord_1", deeplink="https://app/lnbc1", short_url="https://pay/x", spot_usd_per_btc="9.5"
    )
    unpaid = tracked("processing", page=page)
    fields = {"kind": "onramp", "source_chain": "lightning", "amount_in": 25_842, "payer": Payer(id="c-7", region="US")}
    received = ReceivedLine(name="exact", received=25_842, least=25_842, most=25_842, message="")
    snapshot = snapshot_of(order(), unpaid).model_copy(update={**fields, "received": received})
    paid = snapshot.model_copy(update={"status": "confirming", "waiting_for": None})

    assert block(shown(snapshot), "Payment") == [
        "share https://pay/x",
        "open https://app/lnbc1",
        "amount 0.00025842 BTC (25842 sats)",
        "spot price 9.5 US dollars per BTC",
        "until 2026-02-01 12:02:00 UTC (in 1 min 30 s)",
    ]
    assert "payer c-7, US" in shown(snapshot)
    assert "Received" not in shown(snapshot)
    assert "Payment" not in shown(paid)
    assert "Received" in shown(paid)
    assert not any("baton deposit" in line for line in [*shown(snapshot), *shown(paid)])


def test_an_onramp_without_a_status_shows_links_and_no_deposit_command() -> None:
    waits = state(page=PaymentPage(order_id="ord_1", deeplink="https://app/lnbc1"))
    lines = shown(snapshot_of(order(), waits).model_copy(update={"source_chain": "lightning"}))

    assert "open https://app/lnbc1" in block(lines, "Payment")
    assert not any("baton deposit" in line for line in lines)


def test_a_held_onramp_says_there_is_no_invoice_yet() -> None:
    held = tracked("processing", quotes=[], page=PaymentPage(order_id="ord_1"))
    lines = shown(snapshot_of(order(), held).model_copy(update={"records": {"reviewStatus": "pending_review"}}))

    assert block(lines, "Payment") == ["invoice none yet: Orchestra holds the order for a review"]
    assert "review pending_review" in lines


TITLES = {
    "Received", "Deposits seen", "Exact output", "Fees", "In dollars", "Price lock", "Repricing", "Swaps",
    "Pay link", "Stages", "Resolved by hand", "Payment",
}  # fmt: skip


def test_an_order_without_records_has_no_record_sections() -> None:
    assert not TITLES & set(shown(snapshot_of(order(), tracked("swapping"))))


ODD: list[Any] = ["text", 7, [], {}, {"entries": "x", "legs": "y", "appFees": 1}, {"legs": {"full": 5}}]


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_malformed_records_are_skipped(odd: Any) -> None:
    names = ("feePlan", "feePayouts", "priceLock", "swap", "ingressSwap", "paymentIntent", "reprice", "stages")
    lines = shown(with_records(**dict.fromkeys(names, odd), payLinkId="pl_1"))

    assert block(lines, "Pay link") == ["id pl_1"]


def test_control_characters_in_records_are_removed() -> None:
    hostile: dict[str, Any] = {
        "feePlan": {"settlementAsset": HOSTILE, "settlementChain": HOSTILE, "appFees": [{"recipient": HOSTILE}]},
        "feePayouts": {"entries": [{"role": HOSTILE, "recipient": HOSTILE, "txHash": HOSTILE, "affiliateId": HOSTILE}]},
        "priceLock": {"mode": HOSTILE},
        "reprice": {"status": HOSTILE, "reason": HOSTILE},
        "swap": {"legs": {"full": {"provider": HOSTILE, "assetInAddress": HOSTILE, "amountIn": "1"}}},
        "stages": [{"name": HOSTILE}],
        "payLinkLabel": HOSTILE,
        "reviewStatus": HOSTILE,
        "amountFiatUsd": HOSTILE,
    }
    text = drawn(order_view(with_records(**hostile), NOW))

    assert not {"\x1b", "\x07", "\r"} & set(text)
    assert text.count("[bold]go") >= len(hostile)
