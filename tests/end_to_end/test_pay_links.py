"""Pay links: created once for each reference, visited by payers, and the source of orders that name them."""

import uuid
from typing import Any

import pytest

from baton.errors import DocumentError, OrderUnknown, SourceRefused, SourceUnknown
from baton.ledger.source_totals import OrderStanding
from baton.local.sandbox.control import SandboxRefused
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome, Phase
from baton.orders.names import adopted_reference
from baton.orders.order_source import SourceKind
from baton.sources.answers import SourceSnapshot
from baton.sources.state import SourcePhase
from tests.end_to_end.world import SPARK, World
from tests.eventually import eventually

EVM = "0x52908400098527886E0F7030069857D2E4169EE7"


def link(**fields: Any) -> dict[str, Any]:
    """Return the document of a pay link with a fresh reference."""
    values = {
        "reference": f"tips-{uuid.uuid4().hex[:12]}",
        "destinationChain": "base",
        "destinationAsset": "USDC",
        "recipientAddress": EVM,
        "amountOut": "25000000",
        "label": "Tips",
        "metadata": {"table": "7"},
        **fields,
    }
    return {name: value for name, value in values.items() if value is not None}


async def visited(world: World, created: SourceSnapshot) -> tuple[str, str]:
    """Visit a link as a payer does; return the invoice and the id of the order that this made."""
    assert created.created is not None
    assert created.created.short_url is not None
    invoice = await world.sandbox.visit(created.created.short_url)
    order = next(order for order in await world.sandbox.orders() if order["depositAddress"] == invoice)
    return invoice, order["id"]


async def order_of_visit(world: World, order_id: str) -> Snapshot:
    """Return the order of a visit once its workflow tracks it."""

    async def snapshot() -> Snapshot | None:
        try:
            return await world.baton.snapshot(adopted_reference(order_id))
        except OrderUnknown:
            return None

    found = await eventually(snapshot, lambda order: order is not None and order.order_id == order_id)
    assert found is not None
    return found


async def calls_of(world: World, reference: str) -> list[dict[str, Any]]:
    calls = await world.sandbox.requests("pay_links")
    return [call for call in calls if f"/{reference}/" in (call["idempotencyKey"] or "")]


@pytest.mark.parametrize(
    "amount", [{"amountOut": "25000000"}, {"amountOut": None, "amountFiatUsd": "25.00"}], ids=["exact out", "dollars"]
)
async def test_a_link_is_created_with_a_url_to_share(world: World, amount: dict[str, Any]) -> None:
    document = link(**amount)

    created = await world.baton.create_pay_link(document)

    assert (created.phase, created.type, created.kind) == (SourcePhase.ENABLED, "paylink", SourceKind.PAYLINK)
    assert (created.route, created.label, created.metadata) == ("lightning:BTC>base:USDC", "Tips", {"table": "7"})
    assert created.created is not None
    assert created.created.short_url is not None
    assert created.created.short_url.startswith(f"{world.account.base_url}/pay/")
    assert await world.baton.pay_link(document["reference"]) == created


async def test_creating_the_same_link_again_returns_the_same(world: World) -> None:
    document = link()

    first, second = [await world.baton.create_pay_link(document) for _ in range(2)]

    assert second == first
    assert len(await calls_of(world, document["reference"])) == 1


async def test_another_request_under_a_links_reference_is_refused_by_field(world: World) -> None:
    document = link()
    await world.baton.create_pay_link(document)

    with pytest.raises(SourceRefused, match="amountOut: 25000000 created, 30000000 requested") as refused:
        await world.baton.create_pay_link({**document, "amountOut": "30000000"})

    assert refused.value.code == "reference_conflict"


async def test_a_lost_answer_makes_one_link_under_one_key(world: World) -> None:
    await world.sandbox.fault("pay_links", "reset")
    document = link()

    created = await world.baton.create_pay_link(document)

    calls = await calls_of(world, document["reference"])
    assert created.phase is SourcePhase.ENABLED
    assert [call["replayed"] for call in calls] == [False, True]
    assert len({call["idempotencyKey"] for call in calls}) == 1


async def test_a_link_that_orchestra_refuses_frees_its_reference(world: World) -> None:
    document = link(affiliateId="partner")  # fees are not possible with an exact output
    with pytest.raises(SourceRefused) as refused:
        await world.baton.create_pay_link(document)
    assert refused.value.code == "unsupported_fee_plan"

    del document["affiliateId"]
    corrected = await world.baton.create_pay_link(document)

    assert corrected.phase is SourcePhase.ENABLED


async def test_a_link_without_a_route_is_refused_before_the_call(world: World) -> None:
    document = link(destinationChain="atlantis")

    with pytest.raises(SourceRefused) as refused:
        await world.baton.create_pay_link(document)

    assert refused.value.code == "unsupported_route"
    assert await calls_of(world, document["reference"]) == []


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"amountFiatUsd": "25.00"}, "amountOut: cannot be combined with amountFiatUsd"),
        ({"amountOut": None}, "amountOut: is missing"),
        ({"amountOut": "25000001"}, "amountOut: must be whole cents"),
        ({"destinationAsset": "BTC"}, "destinationAsset: must be one of"),
        ({"recipientAddress": "0x1"}, "recipientAddress: is not an EVM address"),
        ({"amuontOut": "1"}, "amuontOut is not a field of a pay link"),
        ({"metadata": {"k" * 41: "v"}}, "metadata"),
        ({"policy": {"zeroconf": {"mode": "decide"}}}, "policy.zeroconf: a payment over Lightning"),
    ],
)
async def test_a_wrong_field_of_a_link_is_refused_before_anything_starts(
    world: World, fields: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(DocumentError) as refused:
        await world.baton.create_pay_link(link(**fields))

    assert complaint in str(refused.value)


async def test_an_order_of_a_link_carries_its_reference_label_and_metadata(world: World) -> None:
    created = await world.baton.create_pay_link(
        link(destinationChain="spark", destinationAsset="USDB", recipientAddress=SPARK)
    )
    invoice, order_id = await visited(world, created)

    waiting = await order_of_visit(world, order_id)

    assert waiting.source is not None
    assert waiting.source.name == f"paylink/{created.reference}"
    assert (waiting.source.label, waiting.source.metadata) == ("Tips", {"table": "7"})
    assert waiting.waiting_for is not None
    assert (waiting.waiting_for.what, waiting.waiting_for.who) == ("the payment of the invoice", "payer")

    await world.sandbox.deposit(deposit_address=invoice)

    result = await world.baton.wait(waiting.reference)
    assert (result.outcome, result.source) == (Outcome.COMPLETED, waiting.source)


async def test_the_orders_of_a_link_are_listed_and_added_up(world: World) -> None:
    created = await world.baton.create_pay_link(link())
    orders = [await visited(world, created) for _ in range(3)]
    for _, order_id in orders:
        await order_of_visit(world, order_id)
    for invoice, order_id in orders[:2]:
        await world.sandbox.deposit(deposit_address=invoice)
        await world.baton.wait(adopted_reference(order_id))

    totals = await eventually(
        lambda: world.ledger.sources.totals("default", f"paylink/{created.reference}"),
        lambda found: (found.orders, found.count(OrderStanding.COMPLETED)) == (3, 2),
    )
    assert (totals.orders, totals.count(OrderStanding.AWAITING_PAYMENT)) == (3, 1)
    completed = next(total for total in totals.by_standing if total.standing is OrderStanding.COMPLETED)
    assert [(sum_.chain, sum_.asset, sum_.amount) for sum_ in completed.delivered] == [("base", "USDC", 50_000_000)]

    async def listed() -> set[str]:
        return {line.reference for line in await world.baton.pay_link_orders(created.reference)}

    names = {adopted_reference(order_id) for _, order_id in orders}
    assert await eventually(listed, lambda found: found == names) == names


async def test_an_unpaid_order_of_a_link_ends_as_expired(world: World) -> None:
    created = await world.baton.create_pay_link(link())
    _, order_id = await visited(world, created)
    waiting = await order_of_visit(world, order_id)
    await world.sandbox.advance(order_id, "expired")

    await world.baton.refresh(waiting.reference)

    result = await world.baton.wait(waiting.reference)
    assert (result.outcome, result.paid) == (Outcome.EXPIRED, None)


async def test_a_disabled_link_makes_no_orders_and_lets_its_orders_go_on(world: World) -> None:
    created = await world.baton.create_pay_link(link())
    invoice, order_id = await visited(world, created)
    waiting = await order_of_visit(world, order_id)

    disabled = await world.baton.disable_pay_link(created.reference, reason="the season is over")

    assert disabled.phase is SourcePhase.DISABLED
    assert disabled.reason is not None
    assert disabled.reason.message == "the season is over"
    with pytest.raises(SandboxRefused, match="not_found"):
        await visited(world, created)
    await world.sandbox.deposit(deposit_address=invoice)
    assert (await world.baton.wait(waiting.reference)).outcome is Outcome.COMPLETED
    with pytest.raises(SourceRefused, match="is closed"):
        await world.baton.disable_pay_link(created.reference)


async def test_an_unknown_reference_has_no_link(world: World) -> None:
    with pytest.raises(SourceUnknown, match="no address or link has this reference"):
        await world.baton.pay_link("nobody-knows-it")


async def test_links_are_listed_by_phase(world: World) -> None:
    document = link()
    await world.baton.create_pay_link(document)

    async def listed(phase: str) -> bool:
        lines = await world.baton.pay_links(account="default", phase=phase, limit=1000)
        return document["reference"] in [line.reference for line in lines]

    await eventually(lambda: listed("enabled"))
    await world.baton.disable_pay_link(document["reference"])
    await eventually(lambda: listed("disabled"))
    assert not await listed("enabled")


async def test_people_see_a_link_in_the_temporal_ui(world: World) -> None:
    created = await world.baton.create_pay_link(link())
    assert created.created is not None

    details = await world.details(created.workflow_id)

    assert f"| **share** | {created.created.short_url} |" in details
    assert "| **asks for** | 25 USDC (25000000 smallest units) for the recipient |" in details
    assert f"| **delivers** | base:USDC to {EVM} |" in details


async def test_a_webhook_that_comes_twice_makes_one_order(world: World) -> None:
    created = await world.baton.create_pay_link(link())
    held = await world.sandbox.hold_webhooks()
    invoice, order_id = await visited(world, created)
    await world.sandbox.deposit(deposit_address=invoice)
    await eventually(
        world.sandbox.orders,
        lambda orders: any(order["id"] == order_id and order["status"] == "completed" for order in orders),
    )
    await world.sandbox.release_webhooks("shuffled", copies=2)
    await world.sandbox.remove_webhook_fault(held)

    order = await order_of_visit(world, order_id)
    result = await world.baton.wait(order.reference)

    assert result.outcome is Outcome.COMPLETED
    lines = await eventually(lambda: world.baton.pay_link_orders(created.reference), lambda found: len(found) > 0)
    assert [line.reference for line in lines] == [order.reference]
    assert order.phase in (Phase.TRACKING, Phase.CLOSED)
