"""The index: the workflow of a quote or an order."""

import asyncio

import pytest

from baton.ledger.errors import LedgerConflict
from baton.ledger.ledger import Ledger
from tests.ledger.examples import ORDER, minute, quote


async def test_an_unknown_id_belongs_to_no_workflow(ledger: Ledger) -> None:
    assert await ledger.find_workflow("default", order_id="ord_1", quote_id="q_1") is None
    assert await ledger.find_workflow("default") is None


async def test_a_workflow_is_found_by_quote_id_and_by_order_id(ledger: Ledger) -> None:
    await ledger.index_quote(quote())
    await ledger.index_order("default", "ord_1", ORDER)
    assert await ledger.find_workflow("default", quote_id="q_1") == ORDER
    assert await ledger.find_workflow("default", order_id="ord_1") == ORDER


async def test_the_order_id_is_looked_up_before_the_quote_id(ledger: Ledger) -> None:
    await ledger.index_quote(quote(workflow_id="by-quote"))
    await ledger.index_order("default", "ord_1", "by-order")
    assert await ledger.find_workflow("default", order_id="ord_1", quote_id="q_1") == "by-order"
    assert await ledger.find_workflow("default", order_id="ord_unknown", quote_id="q_1") == "by-quote"


async def test_the_address_is_looked_up_last(ledger: Ledger) -> None:
    await ledger.index_quote(quote(workflow_id="by-address", quote_id="q_2", deposit_address="0xabc"))
    await ledger.index_quote(quote(workflow_id="by-quote"))
    found = [
        await ledger.find_workflow("default", quote_id=quote_id, deposit_address="0xabc")
        for quote_id in ("q_1", "q_unknown", None)
    ]
    assert found == ["by-quote", "by-address", "by-address"]


async def test_a_hexadecimal_address_is_found_in_any_spelling(ledger: Ledger) -> None:
    await ledger.index_quote(quote(deposit_address="0xAbC1"))
    for spelling in ("0xabc1", "0xABC1", "0XABC1"):
        assert await ledger.find_workflow("default", deposit_address=spelling) == ORDER


async def test_the_case_of_other_addresses_matters(ledger: Ledger) -> None:
    await ledger.index_quote(quote(deposit_address="7vfCXTUX"))
    assert await ledger.find_workflow("default", deposit_address="7vfCXTUX") == ORDER
    assert await ledger.find_workflow("default", deposit_address="7VFCXTUX") is None


async def test_of_quotes_with_one_address_the_newest_counts(ledger: Ledger) -> None:
    for number in (1, 3, 2):
        entry = quote(quote_id=f"q_{number}", workflow_id=f"order {number}", created_at=minute(number))
        await ledger.index_quote(entry.model_copy(update={"deposit_address": "0xabc"}))
    assert await ledger.find_workflow("default", deposit_address="0xabc") == "order 3"


async def test_an_address_is_looked_up_on_its_chain_and_account(ledger: Ledger) -> None:
    on_base = quote(deposit_address="0xabc", source_chain="base", workflow_id="on base")
    await ledger.index_quote(on_base)
    await ledger.index_quote(on_base.model_copy(update={"quote_id": "q_2", "source_chain": "polygon"}))
    assert await ledger.find_workflow("default", deposit_address="0xabc", source_chain="base") == "on base"
    assert await ledger.find_workflow("default", deposit_address="0xabc", source_chain="solana") is None
    assert await ledger.find_workflow("other", deposit_address="0xabc") is None


async def test_accounts_do_not_see_each_other(ledger: Ledger) -> None:
    await ledger.index_order("eu", "ord_1", "order/eu/1")
    await ledger.index_order("us", "ord_1", "order/us/1")
    assert await ledger.find_workflow("us", order_id="ord_1") == "order/us/1"
    assert await ledger.find_workflow("default", order_id="ord_1") is None


async def test_an_entry_may_be_written_again_by_the_same_workflow(ledger: Ledger) -> None:
    for _ in range(2):
        await ledger.index_quote(quote(deposit_address="0xabc"))
        await ledger.index_order("default", "ord_1", ORDER)
    assert await ledger.find_workflow("default", order_id="ord_1") == ORDER


async def test_an_entry_written_again_takes_the_new_values(ledger: Ledger) -> None:
    await ledger.index_quote(quote())
    await ledger.index_quote(quote(deposit_address="0xabc", source_chain="base", created_at=minute(5)))
    assert await ledger.quotes_of(ORDER) == [quote(deposit_address="0xabc", source_chain="base")]


async def test_a_quote_is_never_given_to_another_workflow(ledger: Ledger) -> None:
    await ledger.index_quote(quote())
    with pytest.raises(LedgerConflict, match=r"quote q_1 .* belongs to workflow order/default/invoice-1") as caught:
        await ledger.index_quote(quote(workflow_id="order/default/other"))
    assert (caught.value.holder, caught.value.claimant) == (ORDER, "order/default/other")
    assert await ledger.find_workflow("default", quote_id="q_1") == ORDER


async def test_an_order_is_never_given_to_another_workflow(ledger: Ledger) -> None:
    await ledger.index_order("default", "ord_1", ORDER)
    with pytest.raises(LedgerConflict, match="order ord_1 of account default"):
        await ledger.index_order("default", "ord_1", "order/default/other")
    assert await ledger.find_workflow("default", order_id="ord_1") == ORDER


async def test_of_concurrent_claims_exactly_one_succeeds(ledger_url: str, ledger: Ledger) -> None:
    async with await Ledger.open(ledger_url) as other:
        claims = [(other, ledger)[n % 2].index_order("default", "ord_1", f"order/default/{n}") for n in range(12)]
        results = await asyncio.gather(*claims, return_exceptions=True)
    holder = await ledger.find_workflow("default", order_id="ord_1")
    assert [f"order/default/{n}" for n, result in enumerate(results) if result is None] == [holder]
    assert sum(isinstance(result, LedgerConflict) for result in results) == 11


async def test_ids_that_no_database_can_store_are_still_found(ledger: Ledger) -> None:
    for order_id in ("ord_\x00", "ord_\ud800", "ord_'; DROP TABLE baton_orders; --"):
        await ledger.index_order("default", order_id, f"order of {order_id!r}")
        assert await ledger.find_workflow("default", order_id=order_id) == f"order of {order_id!r}"
