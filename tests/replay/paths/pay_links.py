"""The paths of a pay link, and of an order that a visit of it made."""

from contextlib import suppress
from typing import Any

from temporalio.client import WorkflowHandle

from baton.errors import SourceRefused
from baton.orders.models import Outcome
from baton.orders.order_source import SourceKind
from baton.sources.answers import SourceSnapshot
from baton.sources.names import source_workflow_id
from tests.end_to_end.test_adopting import another_app
from tests.end_to_end.test_pay_links import link, order_of_visit, visited
from tests.end_to_end.test_source_reads import read
from tests.eventually import eventually
from tests.replay.registry import OtherPath, PathStage

PATHS: dict[str, OtherPath] = {}


def ending(ends: str) -> Any:
    """Return a decorator that adds a function as a path of a link with this end."""

    def added(lead: Any) -> Any:
        PATHS[lead.__name__] = OtherPath(lead.__name__, lead, ends)
        return lead

    return added


@ending("disabled")
async def paylink_disabled(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await _create(stage)
    return await _disable(stage)


@ending("disabled")
async def paylink_created_after_a_lost_answer(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await stage.world.sandbox.fault("pay_links", "reset")
    await _create(stage)
    return await _disable(stage)


@ending("workflow_execution_failed")
async def paylink_refused(stage: PathStage) -> WorkflowHandle[Any, Any]:
    with suppress(SourceRefused):
        await _create(stage, affiliateId="partner")
        raise AssertionError("fees are not possible with an exact output, so it must be refused")
    return _handle(stage)


@ending("disabled")
async def paylink_disabled_at_orchestra(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """A planned read finds that somebody disabled the link elsewhere; then it is disabled here too."""
    created = await _create(stage)
    assert created.created is not None
    async with another_app(stage.world) as app:
        await app.disable_pay_link(created.created.orchestra_id, f"elsewhere-{stage.reference}")
    await read(stage.world)
    await eventually(lambda: stage.world.baton.pay_link(stage.reference), lambda known: len(known.attentions) == 1)
    return await _disable(stage)


@ending(Outcome.COMPLETED)
async def paylink_order_paid(stage: PathStage) -> WorkflowHandle[Any, Any]:
    invoice, order_id = await visited(stage.world, await _create(stage))
    order = await order_of_visit(stage.world, order_id)
    await stage.world.sandbox.deposit(deposit_address=invoice)
    await stage.world.baton.wait(order.reference)
    return stage.world.environment.client.get_workflow_handle(order.workflow_id)


async def _create(stage: PathStage, **fields: Any) -> SourceSnapshot:
    return await stage.world.baton.create_pay_link(link(reference=stage.reference, **fields))


async def _disable(stage: PathStage) -> WorkflowHandle[Any, Any]:
    await stage.world.baton.disable_pay_link(stage.reference)
    handle = _handle(stage)
    await handle.result()
    return handle


def _handle(stage: PathStage) -> WorkflowHandle[Any, Any]:
    client = stage.world.environment.client
    return client.get_workflow_handle(source_workflow_id(SourceKind.PAYLINK, "default", stage.reference))
