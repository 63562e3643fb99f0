"""The orders of an address or a link are counted and added up exactly."""

from typing import Any

import pytest

from baton.ledger import source_totals
from baton.ledger.ledger import Ledger
from baton.ledger.source_totals import OrderStanding, SourceTotals, standing_of_row
from tests.ledger.examples import order

LINK = "paylink/tips"
ROUTE = {
    "source_chain": "lightning",
    "source_asset": "BTC",
    "destination_chain": "base",
    "destination_asset": "USDC",
    "source": LINK,
}


async def add(ledger: Ledger, name: str, **fields: Any) -> None:
    await ledger.write_order(order(f"order/default/{name}", **{**ROUTE, **fields}), [])


async def totals(ledger: Ledger) -> SourceTotals:
    return await ledger.sources.totals("default", LINK)


async def test_a_link_without_orders_has_empty_totals(ledger: Ledger) -> None:
    assert await totals(ledger) == SourceTotals()


async def test_orders_are_counted_by_how_they_stand(ledger: Ledger) -> None:
    payer = {"what": "the payment of the invoice", "who": "payer", "until": None, "then": ""}
    await add(ledger, "open", waiting_for=payer, amount_in=5)
    await add(ledger, "moving", waiting_for={"who": "orchestra"}, amount_in=7)
    await add(ledger, "done", outcome="completed", phase="closed", amount_in=11, amount_out=13)
    await add(ledger, "gone", outcome="expired", phase="closed", amount_in=17)
    await add(ledger, "back", outcome="refunded", phase="closed", amount_in=19, amount_out=23)
    await add(ledger, "elsewhere", outcome="superseded", phase="closed", amount_in=29)

    found = await totals(ledger)

    assert found.orders == 5
    assert {total.standing: total.orders for total in found.by_standing} == dict.fromkeys(
        ["awaiting_payment", "under_way", "completed", "unpaid", "refunded"], 1
    )
    paid = {total.standing: [sum_.amount for sum_ in total.paid] for total in found.by_standing}
    assert paid == {"awaiting_payment": [], "under_way": [7], "completed": [11], "unpaid": [], "refunded": [19]}
    assert [sum_.amount for total in found.by_standing for sum_ in total.delivered] == [13]
    assert (found.count(OrderStanding.COMPLETED), found.count(OrderStanding.FAILED)) == (1, 0)


async def test_sums_are_exact_beyond_what_a_float_or_the_database_holds(ledger: Ledger) -> None:
    ether = 10**30 + 1
    for number in range(3):
        await add(ledger, f"o{number}", outcome="completed", amount_in=ether, amount_out=2**70)

    (completed,) = (await totals(ledger)).by_standing

    assert [(total.asset, total.amount) for total in completed.paid] == [("BTC", 3 * ether)]
    assert [(total.chain, total.amount) for total in completed.delivered] == [("base", 3 * 2**70)]


async def test_each_asset_has_a_sum_of_its_own(ledger: Ledger) -> None:
    await add(ledger, "one", outcome="completed", amount_in=1, amount_out=10)
    await add(ledger, "two", outcome="completed", amount_in=2, amount_out=20, destination_asset="USDT")

    (completed,) = (await totals(ledger)).by_standing

    assert [(total.asset, total.amount) for total in completed.delivered] == [("USDC", 10), ("USDT", 20)]
    assert [total.amount for total in completed.paid] == [3]


async def test_orders_of_others_are_not_counted(ledger: Ledger) -> None:
    await add(ledger, "mine", outcome="completed", amount_in=1)
    await add(ledger, "another-link", outcome="completed", amount_in=1, source="paylink/other")
    await add(ledger, "another-account", outcome="completed", amount_in=1, account="other")
    await add(ledger, "no-source", outcome="completed", amount_in=1, source=None)

    assert (await totals(ledger)).orders == 1


async def test_all_pages_are_counted(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_totals, "PAGE", 3)
    for number in range(10):
        await add(ledger, f"o{number}", outcome="completed", amount_in=1)

    assert (await totals(ledger)).orders == 10


@pytest.mark.parametrize(
    ("outcome", "standing"),
    [
        ("completed", "completed"),
        ("refunded", "refunded"),
        ("failed", "failed"),
        ("terminated", "failed"),
        ("expired", "unpaid"),
        ("unfulfilled", "unpaid"),
        ("cancelled", "unpaid"),
        ("superseded", None),
        (None, "under_way"),
    ],
)
def test_every_outcome_has_its_standing(outcome: str | None, standing: str | None) -> None:
    assert standing_of_row(outcome, None) == standing
