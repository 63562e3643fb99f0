"""The table of `baton list`. Pure."""

from datetime import timedelta

from baton.cli.views.order_list import orders_table
from baton.orders.visibility import OrderLine
from tests.cli.views.drawing import NOW, drawn
from tests.orders.states import NOON


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
    for part in ("tracking !", "swapping", "base:USDC>spark:BTC", "2026-02-01 12:00", "in 5 h 0 min"):
        assert part in row
