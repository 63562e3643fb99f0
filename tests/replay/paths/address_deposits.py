"""The paths of an order that comes of a deposit to a reusable address."""

from typing import Any

from temporalio.client import WorkflowHandle

from baton.chains.deposits import DepositState
from baton.orders.answers import Snapshot
from baton.sources.answers import SourceSnapshot
from tests.end_to_end.address_deposits import EVM, advance, orders_of, pay, refund, show, shown
from tests.end_to_end.test_addresses import accumulation
from tests.eventually import eventually
from tests.replay.registry import OtherPath, PathStage

PATHS: dict[str, OtherPath] = {}


def ending(ends: str) -> Any:
    """Return a decorator that adds a function as a path with this end."""

    def added(lead: Any) -> Any:
        PATHS[lead.__name__] = OtherPath(lead.__name__, lead, ends)
        return lead

    return added


_MISSED = "spark1pgssreplayreplayreplay0000"


async def _address(stage: PathStage, **fields: Any) -> SourceSnapshot:
    return await stage.world.baton.create_address(accumulation(reference=stage.reference, **fields))


async def _order(stage: PathStage, address: SourceSnapshot) -> Snapshot:
    return (await eventually(lambda: orders_of(stage.world, address), bool))[0]


async def _ended(stage: PathStage, address: SourceSnapshot) -> WorkflowHandle[Any, Any]:
    order = await _order(stage, address)
    await stage.world.baton.wait(order.reference)
    return stage.world.environment.client.get_workflow_handle(order.workflow_id)


@ending("completed")
async def address_deposit(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """The webhook brings the deposit."""
    address = await _address(stage)
    await pay(stage.world, address)
    return await _ended(stage, address)


@ending("completed")
async def address_deposit_seen_first(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """The chain shows the deposit first, and the webhooks follow."""
    address = await _address(stage)
    await stage.world.sandbox.hold_webhooks()
    proof = await pay(stage.world, address)
    await show(stage.world, shown(address, proof["txHash"]))
    await _order(stage, address)
    await stage.world.sandbox.release_webhooks()
    return await _ended(stage, address)


@ending("completed")
async def address_deposit_indexed_again(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """Orchestra missed the deposit, and is asked to look for it again."""
    await stage.world.sandbox.set_scenario("missed_deposit", recipient=_MISSED)
    address = await _address(stage, recipientSparkAddress=_MISSED)
    proof = await pay(stage.world, address)
    await show(stage.world, shown(address, proof["txHash"]))
    order = await _order(stage, address)
    await advance(stage.world, order, minutes=11)
    return await _ended(stage, address)


@ending("refunded")
async def address_deposit_refunded_on_request(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """Another asset came to the address, and a person asks for its refund."""
    address = await _address(stage, refundAddresses={"base": EVM})
    proof = await pay(stage.world, address, asset="USDT")
    await show(stage.world, shown(address, proof["txHash"], symbol="USDT", asset="0xusdt"))
    order = await _order(stage, address)
    await refund(stage.world, order, note="the payer asked")
    return await _ended(stage, address)


@ending("expired")
async def address_deposit_gone_for_good(stage: PathStage) -> WorkflowHandle[Any, Any]:
    """A reorganisation removes the deposit before Orchestra detects it, and it does not come back."""
    address = await _address(stage)
    seen = shown(address, "0x" + "7d" * 32)
    await show(stage.world, seen)
    order = await _order(stage, address)
    gone = seen.model_copy(update={"state": DepositState.GONE, "confirmations": 0})
    await show(stage.world, gone, before=seen)
    await eventually(lambda: _order(stage, address), lambda known: bool(known.attentions))
    await advance(stage.world, order, days=1, minutes=11)
    return await _ended(stage, address)
