"""The pages: the inbox, lists, look-up, one order with its timeline, and whose accounts a token shows."""

import re
from datetime import UTC, datetime

import pytest

from baton.errors import SourceRefused
from baton.orders.after_close import raise_after_close
from baton.orders.answers import Placement
from baton.orders.rules.attention import REMEDIES, AttentionReason, attention_of
from tests.end_to_end.test_addresses import liquidation
from tests.end_to_end.world import World
from tests.eventually import eventually
from tests.gateway.ops.conftest import Desk, running_desk
from tests.gateway.ops.operators import OperatorBrowser

PAGES = (
    "/ops",
    "/ops/waiting",
    "/ops/orders",
    "/ops/holds",
    "/ops/deliveries",
    "/ops/bulk",
    "/ops/acts",
    "/ops/reasons",
    "/ops/temporal",
)


async def in_the_ledger(world: World, placed: Placement, **columns: object) -> None:
    """Wait until the ledger has an order with these values."""

    async def has_them() -> bool:
        row = await world.ledger.order(placed.workflow_id)
        return row is not None and all(getattr(row, name) == value for name, value in columns.items())

    await eventually(has_them)


async def with_two_deposits(world: World) -> Placement:
    """Place an order that was paid twice, and needs a person."""
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    await world.until(placed, phase="tracking")
    await world.deposit_and_report(placed)
    await in_the_ledger(world, placed, attention="second_deposit")
    return placed


async def completed(world: World) -> Placement:
    placed = await world.place(metadata={"cart": "77"})
    await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)
    await in_the_ledger(world, placed, outcome="completed")
    return placed


def row_of(text: str, reference: str) -> str:
    """Return what a list says around an order."""
    place = text.index(reference)
    return text[max(0, place - 300) : place + 300]


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_of_the_navigation_is_served(ada: OperatorBrowser, path: str) -> None:
    page = await ada.http.get(path)
    assert page.status_code == 200
    assert f'href="{path}" aria-current="page"' in page.text


async def test_the_inbox_says_why_an_order_needs_a_person(ada: OperatorBrowser, world: World) -> None:
    placed = await with_two_deposits(world)
    inbox = await ada.read("/ops?reason=second_deposit&sort=amount")
    row = row_of(inbox, placed.reference)
    assert "Second deposit" in row
    assert "100 USDC" in row
    assert "Resolve Note" in row
    assert placed.reference not in await ada.read("/ops?reason=overdue")
    assert placed.reference in await ada.read("/ops?route=base%3AUSDC%3Espark%3ABTC")
    assert placed.reference not in await ada.read("/ops?account=shop")


async def test_the_inbox_shows_money_that_came_after_the_end(ada: OperatorBrowser, world: World) -> None:
    placed = await completed(world)
    late = attention_of("late_deposit", "5 USDC came after the end", datetime.now(UTC))
    await raise_after_close(world.environment.client, placed.workflow_id, late)
    await eventually(lambda: world.baton.attended_orders([placed.workflow_id]))
    row = row_of(await ada.read("/ops?reason=late_deposit"), placed.reference)
    assert "5 USDC came after the end" in row
    assert "the order has ended" in row


async def test_the_inbox_shows_addresses_that_need_a_person(desk: Desk, ada: OperatorBrowser, world: World) -> None:
    document = liquidation()
    await world.baton.create_address(document)
    fault = await world.sandbox.fault("addresses", "error", status=409, code="operator_required", message="ask support")
    with pytest.raises(SourceRefused):
        await world.baton.disable_address(document["reference"])
    await world.sandbox.remove_fault(fault)

    async def is_shown() -> bool:
        return f"baton address show {document['reference']}" in await ada.read("/ops")

    await eventually(is_shown)
    assert "disable refused" in await ada.read("/ops")
    async with desk.browser("shop") as shop:
        assert document["reference"] not in await shop.read("/ops")


async def test_waits_are_listed_by_whom_they_wait_for(ada: OperatorBrowser, world: World) -> None:
    placed = await world.place()
    await in_the_ledger(world, placed, phase="awaiting_deposit")
    payer = await ada.read("/ops/waiting?for=payer&page=99")
    assert "a deposit" in row_of(payer, placed.reference)
    assert placed.reference not in await ada.read("/ops/waiting?for=orchestra&page=99")


async def test_orders_are_filtered_as_in_the_api(ada: OperatorBrowser, world: World) -> None:
    placed = await completed(world)
    assert placed.reference in await ada.read("/ops/orders?outcome=completed&attention=no&route=base:>spark:BTC")
    assert placed.reference not in await ada.read("/ops/orders?phase=awaiting_deposit")
    assert "is none" not in await ada.read("/ops/orders?created_from=2020-01-01")
    refused = await ada.read("/ops/orders?outcome=great", 422)
    assert "there is no 'great'" in refused


@pytest.mark.parametrize("kind", ["reference", "order_id", "quote_id", "deposit_address", "deposit", "delivery"])
async def test_an_order_is_found_by_any_id(ada: OperatorBrowser, world: World, kind: str) -> None:
    placed = await world.place()
    proof = await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)
    await in_the_ledger(world, placed, outcome="completed")
    order = await world.snapshot(placed)
    delivery = order.destination_tx_hash or order.spark_tx_hash
    ids = {"deposit": f"https://basescan.org/tx/{proof.tx_hash}", "delivery": delivery}
    found = await ada.http.get("/ops/find", params={"id": ids.get(kind) or getattr(order, kind)})
    assert found.headers["location"] == f"/ops/orders/default/{placed.reference}"


async def test_an_unknown_id_leads_to_words(ada: OperatorBrowser) -> None:
    assert "No order of your accounts is known by nobody" in await ada.read("/ops/find?id=nobody")
    assert "There is no such order" in await ada.read("/ops/orders/default/nobody", 404)


async def test_an_order_has_its_present_money_ids_and_timeline(ada: OperatorBrowser, world: World) -> None:
    placed = await completed(world)
    await eventually(lambda: world.ledger.deliveries(placed.workflow_id))
    page = await ada.read(f"/ops/orders/default/{placed.reference}")
    for words in ("Ended: completed", "Asked of the payer 100 USDC", "cart 77", "Orchestra's fee"):
        assert words in page
    for words in ("placed the business", "quoted", "report deposit", "submit the deposit", "webhook order.completed"):
        assert words in page
    assert "written to the ledger" in page
    assert page.index("status completed") < page.index("status bridging") < page.index("quoted")
    short = await ada.read(f"/ops/orders/default/{placed.reference}?show=short")
    assert "written to the ledger" not in short
    assert "status completed" in short
    html = (await ada.http.get(f"/ops/orders/default/{placed.reference}")).text
    assert 'href="https://basescan.org/tx/0x' in html


async def test_a_waiting_order_says_what_comes_next(ada: OperatorBrowser, world: World) -> None:
    placed = await world.place()
    page = await ada.read(f"/ops/orders/default/{placed.reference}")
    assert re.search(r"Waits for a deposit , until 20.+ UTC \(in .+\)\. Next to act: the payer", page)
    assert "After that:" in page


async def test_a_token_sees_its_own_accounts_alone(desk: Desk, world: World) -> None:
    placed = await with_two_deposits(world)
    async with desk.browser("shop") as shop:
        for path in (
            "/ops",
            "/ops/orders",
            "/ops/waiting?for=orchestra",
            "/ops/acts",
            f"/ops/find?id={placed.quote_id}",
        ):
            assert placed.reference not in await shop.read(path), path
        for path in (f"/ops/orders/default/{placed.reference}", "/ops?account=default", "/ops/orders?account=default"):
            assert "does not cover the account" in await shop.read(path, 403), path
        stream = await shop.http.get(f"/ops/orders/default/{placed.reference}/changes")
        assert stream.status_code == 403


async def test_texts_of_others_are_only_text(ada: OperatorBrowser, world: World) -> None:
    placed = await world.place(metadata={"note": "<script>alert(1)</script>"})
    page = await ada.http.get(f"/ops/orders/default/{placed.reference}")
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    found = await ada.http.get("/ops/find", params={"id": "<script>alert(1)</script>"})
    assert "<script>alert(1)" not in found.text


async def test_each_reason_has_its_name_and_meaning(ada: OperatorBrowser) -> None:
    page = await ada.http.get("/ops/reasons")
    assert set(AttentionReason) == set(REMEDIES)
    for reason in AttentionReason:
        assert f'id="{reason}"' in page.text
        words = reason.replace("_", " ")
        assert f">{words} <small>" not in page.text, "the section `reason` of texts.toml lacks its name"
        assert f"<p>{words}</p>" not in page.text, "the section `meaning` of texts.toml lacks its meaning"


async def test_each_reason_leads_to_its_runbook_where_that_is_known(ada: OperatorBrowser, world: World) -> None:
    unlinked = await ada.http.get("/ops/reasons")
    async with (
        running_desk(world, runbooks_url="https://docs.example/runbooks/") as desk,
        desk.browser() as reader,
    ):
        linked = await reader.http.get("/ops/reasons")

    assert "<code>docs/runbooks/attention/overdue.md</code>" in unlinked.text
    for reason in AttentionReason:
        assert f'href="https://docs.example/runbooks/attention/{reason}.md"' in linked.text
