"""What a planned read asks about: each recipient once, each standing address, and only orders that nobody knows."""

from baton.ledger.ledger import Ledger
from tests.ledger.examples import NOON, minute, order, quote
from tests.ledger.test_sources import source


async def test_each_recipient_is_listed_once_and_page_by_page(ledger: Ledger) -> None:
    for number in range(6):
        await ledger.sources.write(source(f"shop-{number}", orchestra_id=f"acc_{number}", recipient=f"0x{number % 3}"))
    first = await ledger.sources.lists.recipients("default", NOON, "", 2)
    assert first == ["0x0", "0x1"]
    assert await ledger.sources.lists.recipients("default", NOON, first[-1], 2) == ["0x2"]
    assert await ledger.sources.lists.recipients("elsewhere", NOON, "", 2) == []


async def test_sources_that_never_existed_or_ended_long_ago_are_left_out(ledger: Ledger) -> None:
    await ledger.sources.write(source("refused", recipient="0xrefused"))
    await ledger.sources.write(source("old", orchestra_id="acc_1", recipient="0xold", disabled_at=NOON))
    await ledger.sources.write(source("new", orchestra_id="acc_2", recipient="0xnew", disabled_at=minute(9)))
    assert await ledger.sources.lists.recipients("default", minute(5), "", 9) == ["0xnew"]


async def test_standing_addresses_are_listed_by_reference(ledger: Ledger) -> None:
    for reference in ("b", "a", "c"):
        await ledger.sources.write(source(reference, orchestra_id=reference))
    await ledger.sources.write(source("other", orchestra_id="acc_1", recipient="0x1"))
    first = await ledger.sources.lists.standing("default", NOON, "", 2)
    assert [row.reference for row in first] == ["a", "b"]
    assert [row.reference for row in await ledger.sources.lists.standing("default", NOON, "b", 2)] == ["c"]


async def test_the_links_of_a_recipient_are_listed_without_addresses(ledger: Ledger) -> None:
    tips = source("tips", "paylink", orchestra_id="pl_1", recipient="0x1")
    await ledger.sources.write(tips)
    await ledger.sources.write(source("till", orchestra_id="acc_1", recipient="0x1"))
    assert await ledger.sources.lists.pay_links_to("default", "0x1") == [tips]


async def test_an_order_is_known_once_its_workflow_has_a_row(ledger: Ledger) -> None:
    many = [f"ord_{number}" for number in range(1200)]
    await ledger.index_order("default", "ord_7", order().workflow_id)
    assert await ledger.sources.lists.known_orders("default", many) == set()
    await ledger.write_order(order(), [])
    assert await ledger.sources.lists.known_orders("default", many) == {"ord_7"}
    assert await ledger.sources.lists.known_orders("elsewhere", many) == set()


async def test_a_quote_of_ours_is_known(ledger: Ledger) -> None:
    await ledger.index_quote(quote())
    assert await ledger.sources.lists.known_quotes("default", ["q_1", "q_2"]) == {"q_1"}
