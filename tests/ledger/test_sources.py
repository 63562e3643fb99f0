"""Reusable addresses and pay links in the ledger: read model, index of addresses, and the orders that came of them."""

from typing import Any

from baton.ledger.ledger import Ledger
from baton.ledger.rows import SourceAddressRow, SourceRow
from tests.ledger.examples import NOON, minute, order

ADDRESS = "0xAbC0000000000000000000000000000000000001"


def source(reference: str = "shop-7", kind: str = "address", **given: Any) -> SourceRow:
    defaults = {
        "account": "default",
        "kind": kind,
        "reference": reference,
        "workflow_id": f"{kind}/default/{reference}",
        "enabled": True,
        "created_at": NOON,
        "revision": 1,
    }
    return SourceRow.model_validate(defaults | given)


def address(chain: str = "base", text: str = ADDRESS, reference: str = "shop-7") -> SourceAddressRow:
    return SourceAddressRow(
        account="default", chain=chain, address=text, kind="address", reference=reference, since=NOON
    )


async def test_a_source_with_every_field_reads_back_as_written(ledger: Ledger) -> None:
    full = source(
        orchestra_id="acc_1",
        label="Shop 7",
        request={"sourceChain": "base"},
        metadata={"customer": "7"},
        policy={"zeroconf": "ask"},
        disabled_at=minute(5),
        reason="no longer needed",
        attention="disabled_at_orchestra",
        snapshot={"revision": 1},
    )
    assert await ledger.sources.write(full, [address()])
    assert await ledger.sources.source("default", "address", "shop-7") == full
    assert await ledger.sources.of_orchestra_id("default", "acc_1") == full
    assert await ledger.sources.addresses("default", "address", "shop-7") == [address()]


async def test_an_older_revision_changes_nothing(ledger: Ledger) -> None:
    await ledger.sources.write(source(revision=3, label="new"))
    assert not await ledger.sources.write(source(revision=2, label="old"))
    assert await ledger.sources.source("default", "address", "shop-7") == source(revision=3, label="new")


async def test_a_reference_used_again_replaces_the_refused_source(ledger: Ledger) -> None:
    await ledger.sources.write(source(revision=9, enabled=False))
    again = source(created_at=minute(5))
    assert await ledger.sources.write(again)
    assert await ledger.sources.source("default", "address", "shop-7") == again


async def test_an_address_in_any_spelling_leads_to_its_source(ledger: Ledger) -> None:
    await ledger.sources.write(source(), [address(), address("arbitrum")])
    assert await ledger.sources.at_address("default", ADDRESS.lower()) == source()
    assert await ledger.sources.at_address("default", ADDRESS, "arbitrum") == source()
    assert await ledger.sources.at_address("default", ADDRESS, "polygon") is None
    assert await ledger.sources.at_address("other", ADDRESS) is None


async def test_sources_are_listed_newest_first_in_pages(ledger: Ledger) -> None:
    rows = [source(f"s-{number}", created_at=minute(number // 2), enabled=number != 3) for number in range(5)]
    for row in rows:
        await ledger.sources.write(row)
    await ledger.sources.write(source("link", kind="paylink"))

    first = await ledger.sources.sources("default", "address", limit=2)
    second = await ledger.sources.sources("default", "address", limit=2, before=first[-1].workflow_id)

    assert [row.reference for row in [*first, *second]] == ["s-4", "s-3", "s-2", "s-1"]
    assert [row.reference for row in await ledger.sources.sources(enabled=False)] == ["s-3"]


async def test_orders_are_listed_by_what_they_came_of(ledger: Ledger) -> None:
    for name, came_of in (("a", "address/shop-7"), ("b", "paylink/shop-7"), ("c", None)):
        await ledger.write_order(order(f"order/default/{name}", source=came_of), [])

    listed = await ledger.orders("default", sources=["address/shop-7"])

    assert [row.reference for row in listed] == ["a"]


async def test_an_address_stays_with_the_source_that_got_it_first(ledger: Ledger) -> None:
    first, second = source("first"), source("second")
    await ledger.sources.write(first, [address(reference="first")])
    await ledger.sources.write(second, [address(reference="second"), address("arbitrum", reference="second")])

    assert await ledger.sources.at_address("default", ADDRESS, "base") == first
    assert await ledger.sources.at_address("default", ADDRESS, "arbitrum") == second
    assert await ledger.sources.holders([address(reference="second")]) == {"base": "first"}
    assert await ledger.sources.holders([address(reference="first")]) == {}
    assert [row.reference for row in await ledger.sources.watched("base", NOON)] == ["first"]


async def test_an_address_passes_on_once_its_source_is_disabled(ledger: Ledger) -> None:
    await ledger.sources.write(source("first"), [address(reference="first")])
    await ledger.sources.write(source("first", revision=2, enabled=False, disabled_at=minute(1)))
    second = source("second")
    await ledger.sources.write(second, [address(reference="second")])

    assert await ledger.sources.at_address("default", ADDRESS) == second
    assert await ledger.sources.holders([address(reference="second")]) == {}
