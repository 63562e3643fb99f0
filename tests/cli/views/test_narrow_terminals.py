"""Every table reads on 80 and 60 columns: where it does not fit, its rows stand below each other, unfolded."""

from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from baton.affiliates.messages import BalanceLine
from baton.cli.views.affiliate import affiliates_table, balances_table, claims_table
from baton.cli.views.catalogue import Pair, limits_table, overview_table, pairs_table
from baton.cli.views.differences import differences_table
from baton.cli.views.layout import natural_width, records, table
from baton.cli.views.order_list import orders_table
from baton.cli.views.sandbox import faults_table, sandbox_orders_table, scenarios_table
from baton.cli.views.source import sources_table
from baton.cli.views.source_totals import totals_table
from baton.cli.views.webhook import endpoints_table
from baton.ledger.source_totals import AssetTotal, SourceTotals, StandingTotals
from baton.orchestra.affiliate_models import Affiliate, AffiliateClaim
from baton.orchestra.calls.webhooks import WebhookEndpoint
from baton.orchestra.rules.limits import RouteLimits
from baton.orders.amounts import AssetAmount
from baton.orders.visibility import OrderLine
from baton.recovery.differences import Difference, DifferenceKind
from baton.sources.visibility import SourceLine
from tests.cli.views.drawing import NOW, drawn
from tests.orders.states import NOON

HASH = "0x" + "f" * 64
EVM = "0x52908400098527886E0F7030069857D2E4169EE7"
REFERENCE = "invoice-2026-11-29-of-a-customer-with-a-long-name"
ROUTE = "hyperevm:USDC.e>lightning:BTC"

ORDER = OrderLine(
    reference=REFERENCE,
    account="the-other-partner",
    workflow_id=f"order/the-other-partner/{REFERENCE}",
    phase="awaiting_deposit",
    status="awaiting_approval",
    attention=True,
    amount=AssetAmount(amount=2**120, asset="USDC.e", chain="hyperevm", decimals=18),
    route=ROUTE,
    next_deadline=NOW + timedelta(days=29, hours=23),
    opened_at=NOON,
)
SOURCE = SourceLine(
    reference=REFERENCE,
    account="the-other-partner",
    workflow_id="address/x/y",
    kind="address",
    phase="enabled",
    route=ROUTE,
    opened_at=NOON,
)
BALANCE = BalanceLine(
    affiliate_id="an-affiliate-with-a-long-name",
    chain="hyperevm",
    asset="USDC.e",
    decimals=6,
    earned=10**15,
    fees=1000,
    unknown_fees=3,
    claimed=10**14,
    paying=10**13,
    claims=9,
    difference=-5,
    balance=10**12,
)
CLAIM = AffiliateClaim(
    id="claim_1f2e3d4c5b6a",
    amount=10**12,
    settlement_chain="base",
    settlement_asset="USDC",
    status="completed",
    tx_hash=HASH,
    created_at=NOON,
    completed_at=NOW,
)
AFFILIATE = Affiliate(affiliate_id="an-affiliate-with-a-long-name", fee_bps=9999, payout_address=EVM, created_at=NOON)
SANDBOX_ORDER = {
    "id": "ord_b7e54fe5-1504-4ad0-be41-a337fb4376bd",
    "quoteId": "q_b7e54fe5-1504-4ad0-be41-a337fb4376bd",
    "sourceChain": "hyperevm",
    "sourceAsset": "USDC.e",
    "destinationChain": "lightning",
    "destinationAsset": "BTC",
    "status": "awaiting_approval",
    "scenario": "refunded_after_approval",
    "plan": ["awaiting_approval"],
}
LIMITS: dict[str, Any] = {
    "sourceChain": "hyperevm",
    "sourceAsset": "USDC.e",
    "destinationChain": "lightning",
    "destinationAsset": "BTC",
    "limits": {
        "exactIn": {
            "supported": True,
            "requestAmount": {"minAmountSmallest": "800000", "maxAmountSmallest": "9" * 30},
        },
        "orderNotionalUsd": {"minCents": "80", "maxCents": "903000000"},
    },
}
TOTALS = SourceTotals(
    by_standing=[
        StandingTotals(
            standing="awaiting_payment",
            orders=1000,
            paid=[AssetTotal(chain="hyperevm", asset="USDC.e", amount=10**30)] * 2,
            delivered=[AssetTotal(chain="lightning", asset="BTC", amount=10**12)],
        )
    ]
)
TABLES = {
    "orders": orders_table([ORDER], NOW),
    "sources": sources_table([SOURCE]),
    "balances": balances_table([BALANCE]),
    "claims": claims_table([CLAIM]),
    "affiliates": affiliates_table([AFFILIATE]),
    "differences": differences_table([Difference(ORDER.workflow_id, DifferenceKind.MISSING, "there is no row", False)]),
    "webhooks": endpoints_table([WebhookEndpoint(id="wh_1f2e3d", url=f"https://baton.example.com/{'x' * 60}")]),
    "pairs": pairs_table([Pair("hyperevm:USDC.e", "lightning:BTC", True, None)]),
    "assets": overview_table([Pair("hyperevm:USDC.e", "lightning:BTC", True, None)], {}),
    "limits": limits_table([RouteLimits.model_validate(LIMITS)], {}),
    "totals": totals_table(TOTALS),
    "sandbox orders": sandbox_orders_table([SANDBOX_ORDER]),
    "faults": faults_table([{"id": "fault_12345678", "kind": "drop_after_answer", "left": None, "hits": 12}]),
    "scenarios": scenarios_table([{"name": "refunded", "orders": "any", "description": "an order that " * 12}]),
}


def shown(view: Any, width: int) -> list[str]:
    """Return the lines of a table as `print_table` draws it on a terminal of this width, before the terminal wraps."""
    assert isinstance(view, Table)
    fits = natural_width(view, Console(width=width)) <= width
    return drawn(view if fits else records(view), soft_wrap=not fits, width=width).splitlines()


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("name", TABLES)
def test_no_line_is_longer_than_the_terminal_but_for_one_value(name: str, width: int) -> None:
    for line in shown(TABLES[name], width):
        label, _, value = line.strip().partition("  ")
        assert len(line) <= width or not label or len(value.strip() or label) > width - 16


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("name", TABLES)
def test_every_value_is_whole_on_one_line(name: str, width: int) -> None:
    view = TABLES[name]
    assert isinstance(view, Table)
    lines = "\n".join(shown(view, width))
    values = [part for column in view.columns for cell in column.cells for part in str(cell).splitlines()]
    assert [value for value in values if value not in ("", "-") and value not in lines] == []


def test_a_table_that_fits_stays_a_table() -> None:
    small = orders_table(
        [ORDER.model_copy(update={"reference": "invoice-42", "amount": None, "account": "default"})], NOW
    )
    assert isinstance(small, Table)
    assert "account" not in [column.header for column in small.columns]
    assert "amount" not in [column.header for column in small.columns]
    assert shown(table("one", "two"), 60)


def test_a_list_shows_what_was_ordered() -> None:
    row = drawn(orders_table([ORDER.model_copy(update={"amount_fiat_usd": "25.00"})], NOW), width=300)
    assert "25.00 US dollars" in row
