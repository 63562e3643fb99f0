"""A workflow of another namespace places an order over Nexus, learns where to deposit, and awaits the order's end."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import NexusOperationError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from baton.errors import OrderRefused, OrderUnknown
from baton.nexus.refusals import refusal_of
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome, Phase
from baton.orders.names import order_workflow_id, placement_workflow_id
from examples.nexus_shop.sale import Sale
from examples.nexus_shop.worker import QUEUE
from tests.end_to_end.caller_namespace import Selling, Shop, a_sale, open_shop, payment_of, shop_worker
from tests.end_to_end.world import World
from tests.eventually import eventually
from tests.paths import ROOT

pytestmark = pytest.mark.timeout(90)

STARTED = EventType.EVENT_TYPE_NEXUS_OPERATION_STARTED
CANCEL_REFUSED = EventType.EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUEST_FAILED


PAGE: dict[str, Any] = {}
for block in re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "nexus.md").read_text(encoding="utf-8"), re.DOTALL):
    exec(compile(block, "docs/nexus.md", "exec"), PAGE)


@workflow.defn(sandboxed=False)
class PageWorkflow:
    """What the page about Nexus shows."""

    @workflow.run
    async def run(self, document: dict[str, str]) -> str:
        try:
            return str(await PAGE["paid"](document))
        except NexusOperationError as error:
            return str(PAGE["words_of"](error))


@pytest.fixture(scope="module")
async def shop(temporal: WorkflowEnvironment, world: World) -> AsyncIterator[Shop]:
    shop = await open_shop(temporal.client)
    async with shop_worker(shop, PageWorkflow):
        yield shop


async def events_of(selling: Selling) -> list[HistoryEvent]:
    return [event async for event in selling.fetch_history_events()]


async def event_of(selling: Selling, kind: EventType.ValueType) -> HistoryEvent:
    found = await eventually(lambda: events_of(selling), lambda events: any(each.event_type == kind for each in events))
    return next(event for event in found if event.event_type == kind)


async def order_of(world: World, sale: Sale) -> Snapshot:
    return await world.baton.snapshot(sale.id)


async def orders_placed(world: World, sale: Sale) -> int:
    """How many quotes the sale's order requested."""
    calls = await world.sandbox.requests("quote")
    return len({call["idempotencyKey"] for call in calls if f"/{sale.id}/" in call["idempotencyKey"]})


async def refusal(asking: Any) -> OrderRefused | OrderUnknown:
    with pytest.raises(WorkflowFailureError) as failed:
        await asking
    found = refusal_of(failed.value)
    assert found is not None, failed.value.cause
    return found


# -- placing an order and awaiting its end


async def test_a_sale_is_shipped_once_its_order_is_completed(world: World, shop: Shop) -> None:
    sale = a_sale()
    selling = await shop.sell(sale)
    pay = await payment_of(selling)
    await world.deposit_and_report(pay)

    receipt = await selling.result()

    order = await order_of(world, sale)
    assert (receipt.shipped, order.outcome) == (True, Outcome.COMPLETED)
    assert receipt.why == f"paid with {order.destination_tx_hash or order.spark_tx_hash}"
    assert order.placed_by == f"nexus:shop/{selling.id}"
    assert (pay.deposit_address, pay.amount_in) == (order.deposit_address, 100_000_000)


async def test_the_wait_costs_the_caller_no_polling(world: World, shop: Shop) -> None:
    selling = await shop.sell(a_sale())
    await world.deposit_and_report(await payment_of(selling))
    await selling.result()

    kinds = [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in await events_of(selling)]

    assert kinds.count("NEXUS_OPERATION_SCHEDULED") == 2
    assert "TIMER_STARTED" not in kinds


async def test_the_histories_of_caller_and_order_link_to_each_other(world: World, shop: Shop) -> None:
    sale = a_sale()
    selling = await shop.sell(sale)
    started = await event_of(selling, STARTED)

    order = await world.environment.client.get_workflow_handle(order_workflow_id("default", sale.id)).describe()
    first = await anext(world.environment.client.get_workflow_handle(order.id).fetch_history_events())

    assert [link.workflow_event.workflow_id for link in started.links] == [order.id]
    callback = first.workflow_execution_started_event_attributes.completion_callbacks[0]
    assert [link.workflow_event.workflow_id for link in callback.links] == [selling.id]


async def test_an_order_that_expires_is_a_result(world: World, shop: Shop) -> None:
    placed = await world.place(policy={"onQuoteExpiry": "expire"})
    document = world.document(reference=placed.reference, policy={"onQuoteExpiry": "expire"})
    awaiting = asyncio.create_task(shop.ask("place_order", **document))

    await world.pass_expiry(placed)

    assert (await awaiting)["outcome"] == Outcome.EXPIRED


async def test_a_refunded_order_is_a_result(world: World, shop: Shop) -> None:
    selling = await shop.sell(a_sale())
    pay = await payment_of(selling)
    await world.sandbox.set_scenario("refunded", pay.quote_id)
    await world.deposit_and_report(pay)

    assert (await selling.result()).why == "the order ended as refunded"


async def test_the_code_of_the_page_waits_until_an_order_is_paid(world: World, shop: Shop) -> None:
    document = world.document()
    placed = await world.baton.place(document)
    waiting = await shop.client.start_workflow(PageWorkflow.run, document, id=placed.reference, task_queue=QUEUE)
    await world.deposit_and_report(placed)

    assert await waiting.result() == "True"


# -- refusals


async def test_the_code_of_the_page_tells_what_was_refused(world: World, shop: Shop) -> None:
    document = world.document(amount="1")

    words = await shop.client.execute_workflow(PageWorkflow.run, document, id=document["reference"], task_queue=QUEUE)

    assert words.startswith("amount_too_small: amount: 0.000001 USDC")
    assert words.endswith("; correct the order and place it again, under the same reference if you like")


async def test_an_order_without_a_quote_fails_with_the_code_and_the_words(world: World, shop: Shop) -> None:
    receipt = await shop.sold(a_sale(usdc=1))

    assert not receipt.shipped
    assert receipt.why.startswith("amount_too_small: amount: 0.000001 USDC")


async def test_a_wrong_field_is_refused_by_its_name_before_anything_starts(world: World, shop: Shop) -> None:
    sale = a_sale(spark_address="")

    receipt = await shop.sold(sale)

    assert receipt.why == "invalid_order: recipientAddress: must not be empty or have spaces around it"
    with pytest.raises(OrderUnknown):
        await order_of(world, sale)


async def test_the_reference_of_a_refused_order_can_be_placed_again(world: World, shop: Shop) -> None:
    sale = a_sale(usdc=1)
    await shop.sold(sale)

    selling = await shop.sell(sale.model_copy(update={"usdc": 100_000_000}))

    assert (await payment_of(selling)).deposit_address


async def test_an_unknown_order_is_refused_with_its_code(world: World, shop: Shop) -> None:
    found = await refusal(shop.ask("order", reference="nobody-placed-this"))

    assert isinstance(found, OrderUnknown)
    assert found.remedy == "check the reference and the account, or list the orders"


# -- one reference, several callers


async def test_two_sales_of_one_reference_follow_one_order(world: World, shop: Shop) -> None:
    sale = a_sale()
    first, second = await shop.sell(sale), await shop.sell(sale)
    paid = [await payment_of(first), await payment_of(second)]
    await world.deposit_and_report(paid[0])

    receipts = [await first.result(), await second.result()]

    assert paid[0].deposit_address == paid[1].deposit_address
    assert receipts[0].shipped
    assert receipts[0] == receipts[1]
    assert await orders_placed(world, sale) == 1


async def test_an_order_of_the_python_client_can_be_awaited_too(world: World, shop: Shop) -> None:
    sale = a_sale()
    placed = await world.baton.place(sale.order())
    selling = await shop.sell(sale)
    await event_of(selling, STARTED)
    await world.deposit_and_report(placed)

    assert (await selling.result()).shipped


async def test_after_the_orders_end_the_same_sale_has_its_result_at_once(world: World, shop: Shop) -> None:
    sale = a_sale()
    selling = await shop.sell(sale)
    await world.deposit_and_report(await payment_of(selling))
    first = await selling.result()

    assert await shop.sold(sale) == first
    assert await orders_placed(world, sale) == 1


async def test_another_request_under_a_reference_is_refused_naming_the_fields(world: World, shop: Shop) -> None:
    sale = a_sale()
    selling = await shop.sell(sale)
    await payment_of(selling)

    receipt = await shop.sold(sale.model_copy(update={"usdc": 99_000_000}))

    assert receipt.why.startswith("reference_conflict: ")
    assert "(amount: 100000000 placed, 99000000 requested)" in receipt.why
    assert (await order_of(world, sale)).outcome is None


# -- cancelling


async def test_a_cancelled_sale_cancels_its_unpaid_order(world: World, shop: Shop) -> None:
    sale = a_sale()
    selling = await shop.sell(sale)
    await payment_of(selling)

    await selling.cancel()

    assert (await selling.result()).why == "the order ended as cancelled"
    assert (await order_of(world, sale)).outcome is Outcome.CANCELLED


async def test_an_order_with_a_deposit_goes_on_when_its_sale_is_cancelled(world: World, shop: Shop) -> None:
    sale = a_sale()
    selling = await shop.sell(sale)
    pay = await payment_of(selling)
    await world.sandbox.set_scenario("stepped", pay.quote_id)
    await world.deposit_and_report(pay)
    order = await world.until(pay, status="processing")

    await selling.cancel()

    refused = (await event_of(selling, CANCEL_REFUSED)).nexus_operation_cancel_request_failed_event_attributes.failure
    assert "a deposit is known, so the order can no longer be cancelled" in refused.cause.message
    assert (await order_of(world, sale)).attentions == []
    for _ in range(4):
        await world.sandbox.advance(order.order_id or "")
    assert (await selling.result()).shipped


# -- the other operations


async def test_a_workflow_reports_a_deposit_and_reads_the_order(world: World, shop: Shop) -> None:
    placed = await world.place(scenario="stepped")
    proof = await world.deposit(placed)

    standing = await shop.ask("report_deposit", reference=placed.reference, proof=proof)
    order = Snapshot.model_validate(await shop.ask("order", reference=placed.reference))

    assert standing["phase"] in (Phase.SUBMITTING, Phase.TRACKING)
    assert order.proofs[0].seen_by == "business"
    assert [(act.act, act.by.partition("/")[0]) for act in order.acts] == [("report_deposit", "nexus:shop")]


async def test_a_workflow_cancels_an_order(world: World, shop: Shop) -> None:
    placed = await world.place()

    assert (await shop.ask("cancel_order", reference=placed.reference))["outcome"] == Outcome.CANCELLED
    assert (await refusal(shop.ask("cancel_order", reference=placed.reference))).code == "order_closed"


@pytest.mark.parametrize(
    ("operation", "decision", "code"),
    [("decide_zeroconf", {"accept": True}, "no_offer_pending"), ("decide_reprice", {"action": "reject"}, None)],
)
async def test_a_decision_that_nobody_asked_for_is_refused(
    world: World, shop: Shop, operation: str, decision: dict[str, Any], code: str | None
) -> None:
    placed = await world.place()

    found = await refusal(shop.ask(operation, reference=placed.reference, decision=decision))

    assert found.code == (code or "invalid_decision")


async def test_a_quote_that_takes_long_is_awaited_by_a_workflow(world: World, shop: Shop) -> None:
    fault = await world.sandbox.fault("quote", "hold_after", times=2)
    sale = a_sale()
    selling = await shop.sell(sale)
    waiting = placement_workflow_id(order_workflow_id("default", sale.id))
    await eventually(lambda: is_running(world, waiting), within=30)
    await world.sandbox.release(fault)

    pay = await payment_of(selling)

    assert pay.deposit_address == (await order_of(world, sale)).deposit_address


async def is_running(world: World, workflow_id: str) -> bool:
    try:
        found = await world.environment.client.get_workflow_handle(workflow_id).describe()
    except RPCError:
        return False
    return found.status is WorkflowExecutionStatus.RUNNING
