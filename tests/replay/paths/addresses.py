"""The paths of a reusable address, and of a planned read of an account's addresses."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from baton.errors import SourceRefused
from baton.orders.names import WORKFLOW_QUEUE
from baton.orders.order_source import SourceKind
from baton.sources.answers import SourceSnapshot
from baton.sources.messages import ReadSources, SourceSeen
from baton.sources.names import OBSERVE_SOURCE, SOURCE_READ_WORKFLOW, source_workflow_id
from tests.end_to_end.address_deposits import pay, standing, until_orders
from tests.end_to_end.test_addresses import accumulation
from tests.end_to_end.world import SPARK
from tests.eventually import eventually
from tests.replay.registry import CONTINUED, OtherPath, PathStage

PATHS: dict[str, OtherPath] = {}


def ending(ends: str, *, early: bool = False) -> Any:
    """Return a decorator that adds a function as a path with this end."""

    def added(lead: Any) -> Any:
        PATHS[lead.__name__] = OtherPath(lead.__name__, lead, ends, early=early)
        return lead

    return added


@ending("disabled")
async def address_disabled(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await _create(stage)
    return await _disable(stage)


@ending("disabled")
async def address_created_after_a_lost_answer(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await stage.world.sandbox.fault("addresses", "reset")
    await _create(stage)
    return await _disable(stage)


@ending("disabled")
async def address_created_under_the_next_key(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await stage.world.sandbox.fault("addresses", "error", status=409, code="conflict")
    await _create(stage)
    return await _disable(stage)


@ending("workflow_execution_failed")
async def address_refused(stage: PathStage) -> WorkflowHandle[Any, Any]:
    with suppress(SourceRefused):
        await _create(stage, recipientSparkAddress="nobody")
        raise AssertionError("the recipient is no address, so it must be refused")
    return _handle(stage)


@ending("disabled")
async def address_disabled_at_the_second_try(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await _create(stage)
    await stage.world.sandbox.fault("addresses", "error", status=409, code="operator_required")
    with suppress(SourceRefused):
        await _disable(stage)
        raise AssertionError("Orchestra must refuse the first time")
    return await _disable(stage)


@ending("disabled")
async def address_missing_at_orchestra_for_a_while(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """A finding is raised, resolved with a note, cleared by the next read, and raised again."""
    address = await _create(stage)
    for shown, open_reasons in ((None, 1), (address.created, 0), (None, 1)):
        await _handle(stage).signal(OBSERVE_SOURCE, SourceSeen(read_at=datetime.now(UTC), shown=shown))
        await eventually(lambda: _snapshot(stage), lambda known, count=open_reasons: len(known.attentions) == count)
    await stage.world.baton.resolve_address(stage.reference, note="it is there")
    return await _disable(stage)


@ending(CONTINUED, early=True)
async def address_continued(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """A long life of an address goes on in another run."""
    address = await _create(stage)
    first = (await _handle(stage).describe()).run_id
    while (await _handle(stage).describe()).run_id == first:
        seen = SourceSeen(read_at=datetime.now(UTC), shown=address.created)
        before = (await _snapshot(stage)).revision
        await _handle(stage).signal(OBSERVE_SOURCE, seen)
        await eventually(lambda: _snapshot(stage), lambda known, last=before: known.revision > last)
    await _disable(stage)
    return stage.world.environment.client.get_workflow_handle(address.workflow_id, run_id=first)


@ending("disabled")
async def address_changed(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """Label and metadata change while it is enabled."""
    await _create(stage)
    await stage.world.baton.update_address(stage.reference, label="Till 8", metadata={"shop": "8"})
    await stage.world.baton.update_address(stage.reference, policy={"refundHeld": True})
    return await _disable(stage)


@ending("disabled")
async def address_enabled_again(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """A standing address is disabled, and another run enables it and disables it again."""
    await stage.world.baton.create_address(standing(SPARK, reference=stage.reference))
    await _disable(stage)
    await stage.world.baton.enable_address(stage.reference)
    return await _disable(stage)


@ending("disabled")
async def address_not_enabled_again(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """Orchestra refuses to enable it, so that it stays disabled."""
    await stage.world.baton.create_address(standing(SPARK, reference=stage.reference))
    await _disable(stage)
    await stage.world.sandbox.fault("any", "error", status=409, code="operator_required")
    with suppress(SourceRefused):
        await stage.world.baton.enable_address(stage.reference)
        raise AssertionError("Orchestra must refuse")
    handle = _handle(stage)
    await handle.result()
    return handle


@ending("done")
async def addresses_read(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await _create(stage)
    call = ReadSources(account="default", pause=timedelta(milliseconds=1))
    handle = await stage.world.environment.client.start_workflow(
        SOURCE_READ_WORKFLOW, call, id=f"sources/default/{stage.reference}", task_queue=WORKFLOW_QUEUE
    )
    await handle.result()
    await _disable(stage)
    return handle


@ending("done")
async def orders_found_by_planned_read(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """No webhook reports a deposit, so the read finds its order."""
    await stage.world.sandbox.webhook_fault("drop")
    address = await _create(stage)
    await pay(stage.world, address)
    await eventually(stage.world.sandbox.orders, lambda orders: [order["status"] for order in orders] == ["completed"])
    call = ReadSources(account="default", pause=timedelta(milliseconds=1))
    handle = await stage.world.environment.client.start_workflow(
        SOURCE_READ_WORKFLOW, call, id=f"sources/default/{stage.reference}", task_queue=WORKFLOW_QUEUE
    )
    await handle.result()
    await until_orders(stage.world, address, "completed")
    await _disable(stage)
    return handle


async def _create(stage: PathStage, **fields: Any) -> SourceSnapshot:
    return await stage.world.baton.create_address(accumulation(reference=stage.reference, **fields))


async def _disable(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await stage.world.baton.disable_address(stage.reference)
    handle = _handle(stage)
    await handle.result()
    return handle


async def _snapshot(stage: PathStage) -> SourceSnapshot:
    return await stage.world.baton.address(stage.reference)


def _handle(stage: PathStage) -> WorkflowHandle[Any, Any]:
    workflow_id = source_workflow_id(SourceKind.ADDRESS, "default", stage.reference)
    return stage.world.environment.client.get_workflow_handle(workflow_id)
