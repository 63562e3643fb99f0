"""What people read in the Temporal UI about a refund and about the approval of an offer."""

from datetime import timedelta

from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.zeroconf import ZeroConfOffer
from baton.orders.child_details import approval_details, decided, refund_details
from tests.orders.states import NOON

LATER = NOON + timedelta(hours=30)


def test_a_refund_shows_what_comes_back_since_when_and_until_when() -> None:
    record = OrderRecord(
        id="ord_1",
        status="refunding",
        source_chain="base",
        refund_asset="USDC",
        refund_amount=99_000_000,
        error_code="slippage_exceeded",
        error_message="moved | too\nfar",
    )

    details = refund_details(record, NOON, LATER)

    assert "| **what** | the refund of order ord_1 |" in details
    assert "| **comes back** | 99 USDC |" in details
    assert "transaction" not in details
    assert "| **why** | slippage_exceeded: moved \\| too far |" in details
    assert "| **since** | 2026-02-01 12:00:00 UTC |" in details
    assert "| **who decides** | Orchestra |" in details
    assert "| **until** | 2026-02-02 18:00:00 UTC, then an operator is asked to look |" in details


def test_an_open_offer_shows_its_figures_and_who_decides_until_when() -> None:
    offer = ZeroConfOffer(
        status="pending", quote_id="z_1", deposit_sats=250_000, instant_sats=249_500, fee_sats=500, offered_at=NOON
    )

    details = approval_details("ord_1", offer, "the business", LATER, "without an answer: decline")

    assert "| **offer** | z_1 |" in details
    assert "| **deposit** | 0.0025 BTC (250000 sats) |" in details
    assert "| **credited at once** | 0.002495 BTC (249500 sats) |" in details
    assert "| **cost** | 0.000005 BTC (500 sats), 20 basis points of the deposit |" in details
    assert "| **who decides** | the business |" in details
    assert "| **until** | 2026-02-02 18:00:00 UTC |" in details
    assert "| **then** | without an answer: decline |" in details


def test_an_offer_without_figures_shows_no_rows_for_them() -> None:
    details = approval_details("ord_1", ZeroConfOffer(status="denied"), "policy", None, decided("lapsed", "policy", []))

    assert "cost" not in details
    assert "until" not in details
