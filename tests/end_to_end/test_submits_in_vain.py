"""A submit that Orchestra keeps refusing is repeated ever more rarely, costs next to no history, and hears at once."""

import asyncio
import uuid

from baton.gateway.ops.fitting import money_ids
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement
from baton.orders.messages import SUBMIT_DEPOSIT
from baton.orders.models import Outcome, Phase
from tests.end_to_end.world import World
from tests.eventually import eventually
from tests.replay.cost import cost_of
from tests.replay.runs import runs_of


async def submits(world: World, placed: Placement) -> list[str]:
    """Return the generations of the submits that the API received."""
    prefix = f"{placed.workflow_id}/submit/"
    keys = [str(call["idempotencyKey"]) for call in await world.sandbox.requests("submit")]
    return [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]


async def events(world: World, placed: Placement) -> int:
    """Return how many events the order's histories have, without those of a test's clock."""
    return sum(cost_of(history).events for history in await runs_of(world, placed))


async def reported(world: World) -> Placement:
    """Return an order whose reported deposit is on no chain."""
    placed = await world.place()
    await world.baton.report_deposit(placed.reference, DepositProof(tx_hash="0x" + uuid.uuid4().hex * 2))
    await eventually(lambda: submits(world, placed), lambda keys: len(keys) >= 2)
    return placed


async def paused(world: World) -> Placement:
    """Return such an order during a pause that is much longer than what its test waits for."""
    placed = await reported(world)
    await pass_hours(world, placed, 1)
    assert await pause_of_submit(world, placed) >= 60
    return placed


async def pass_hours(world: World, placed: Placement, hours: int, *, pause: int = 15) -> None:
    """Let hours pass in steps of a pause's minutes, because each step of the test's clock ends the pause under way."""
    for _ in range(hours * 60 // pause):
        await world.advance(placed, minutes=pause)
        await world.snapshot(placed)


async def pause_of_submit(world: World, placed: Placement) -> float:
    """Return the seconds that Temporal waits before the next submit."""
    described = (await world.handle(placed).describe()).raw_description
    (submit,) = (call for call in described.pending_activities if call.activity_type.name == SUBMIT_DEPOSIT)
    return round(submit.current_retry_interval.ToTimedelta().total_seconds())


async def test_a_hash_that_never_shows_costs_little_in_a_day(world: World) -> None:
    placed = await reported(world)

    await pass_hours(world, placed, 4)
    early = await events(world, placed)
    await pass_hours(world, placed, 4)
    later, keys = await events(world, placed), await submits(world, placed)

    # The pause is the longest by now, so each four of the other 16 hours are like the last four.
    assert await pause_of_submit(world, placed) == 15 * 60
    assert 60 <= len(keys) + 16 * 4 <= 150
    assert len(set(keys)) == len(keys), "each refusal moves to the next key"
    assert later + 4 * (later - early) < 300
    snapshot = await world.snapshot(placed)
    assert (snapshot.phase, snapshot.reason.code if snapshot.reason else None) == (Phase.SUBMITTING, "tx_not_found")


async def test_a_submit_without_an_answer_keeps_its_key(world: World) -> None:
    placed = await reported(world)
    await world.sandbox.fault("submit", "error", quoteId=placed.quote_id, status=503)

    await pass_hours(world, placed, 1)

    keys = await submits(world, placed)
    repeated = [key for key in set(keys) if keys.count(key) == 2]
    assert len(repeated) == 1
    assert len(set(keys)) == len(keys) - 1


async def test_a_revoked_key_costs_few_submits_in_a_day(world: World) -> None:
    placed = await world.place()
    fault = await world.sandbox.fault(
        "submit", "error", quoteId=placed.quote_id, status=401, code="unauthorized", times=100_000
    )
    await world.deposit_and_report(placed, detect=False)

    await pass_hours(world, placed, 8, pause=60)

    # The pause is the longest by now, so the other 16 hours have as many submits.
    assert await pause_of_submit(world, placed) == 60 * 60
    assert 20 <= len(await submits(world, placed)) + 16 <= 40
    snapshot = await world.snapshot(placed)
    assert snapshot.attention is not None
    assert snapshot.attention.reason == "partner_access"
    await world.sandbox.remove_fault(fault)
    await world.advance(placed, hours=1)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_another_refusal_during_the_repeats_reaches_the_order(world: World) -> None:
    placed = await reported(world)
    await world.sandbox.fault("submit", "error", quoteId=placed.quote_id, status=400, code="invalid_request")

    await pass_hours(world, placed, 1)

    snapshot = await world.until(placed, phase=Phase.AWAITING_DEPOSIT)
    assert snapshot.attention is not None
    assert snapshot.attention.reason == "invalid_request"


async def test_an_operator_closes_the_order_at_once_during_the_pause(world: World) -> None:
    placed = await paused(world)

    known = money_ids(await world.snapshot(placed))

    async with asyncio.timeout(5):
        await world.baton.resolve(
            placed.reference, note="there is no such deposit", close_as=Outcome.FAILED, despite=known
        )
        assert (await world.baton.wait(placed.reference)).outcome is Outcome.FAILED


async def test_a_deposit_that_orchestra_detects_ends_the_pause_at_once(world: World) -> None:
    placed = await paused(world)

    await world.deposit(placed, detect=True)

    async with asyncio.timeout(10):
        assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_the_right_deposit_is_submitted_at_once_during_the_pause(world: World) -> None:
    placed = await paused(world)

    async with asyncio.timeout(10):
        await world.deposit_and_report(placed, detect=False)
        assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
