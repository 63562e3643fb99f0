"""The answer of `baton start` for people. Pure."""

from datetime import timedelta

from baton.cli.views.placement import placement_view
from baton.orders.answers import Placement
from baton.orders.models import Phase
from tests.cli.views.drawing import NOW, drawn
from tests.orders.states import NOON


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
