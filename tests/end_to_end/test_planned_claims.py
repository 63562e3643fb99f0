"""Planned claims: a schedule starts rounds as the settings say, and doubled rounds claim once."""

import asyncio
import uuid
from typing import Any

from baton.affiliates.messages import (
    ClaimOutcome,
    ClaimRequest,
    ClaimRound,
    ClaimRoundResult,
    ClaimView,
    KnownClaims,
)
from baton.affiliates.names import CLAIM_ROUND_WORKFLOW, CLAIM_WORKFLOW
from baton.affiliates.start import claim_options
from baton.orders.names import WORKFLOW_QUEUE
from tests.end_to_end.affiliate_orders import claim_calls, claims_of, closed, earned, registered
from tests.end_to_end.world import World
from tests.eventually import eventually


async def round_of(world: World, **options: Any) -> ClaimRoundResult:
    """Run one round for the account."""
    result: ClaimRoundResult = await world.environment.client.execute_workflow(
        CLAIM_ROUND_WORKFLOW,
        ClaimRound(account="default"),
        id=f"claims/default-{uuid.uuid4()}",
        task_queue=WORKFLOW_QUEUE,
        result_type=ClaimRoundResult,
        **options,
    )
    return result


def done(result: ClaimRoundResult, affiliate_id: str) -> list[str]:
    return [line.done for line in result.lines if line.affiliate_id == affiliate_id]


async def test_a_round_claims_what_reaches_the_minimum_and_leaves_the_rest(world: World) -> None:
    rich, poor = await registered(world), await registered(world)
    await earned(world, rich, 4_000)
    await earned(world, poor, 200)

    result = await round_of(world)

    assert done(result, rich) == ["claimed, $31.96 reaches the minimum of $25.00"]
    assert done(result, poor) == []
    assert (await closed(world, rich)).outcome is ClaimOutcome.COMPLETED
    assert await claims_of(world, poor) == []
    assert done(await round_of(world), rich) == []


async def test_what_an_earlier_claim_took_is_not_claimed_again(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id, 4_000)
    await world.baton.claim_affiliate(affiliate_id)
    await closed(world, affiliate_id)
    await earned(world, affiliate_id, 200)

    result = await round_of(world)

    assert done(result, affiliate_id) == ["left, $1.59 is below the minimum of $25.00"]
    assert len(await claims_of(world, affiliate_id)) == 1


async def test_a_round_waits_out_the_rate_limit_and_continues(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id, 4_000)
    await world.sandbox.fault("claims", "error", status=429, code="rate_limited", headers={"Retry-After": "1"}, times=2)

    result = await round_of(world)

    assert [text.partition(",")[0] for text in done(result, affiliate_id)] == ["claimed"]
    await closed(world, affiliate_id)


async def test_rounds_at_the_same_time_make_one_claim(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id, 4_000)

    results = await asyncio.gather(*(round_of(world) for _ in range(3)))

    await closed(world, affiliate_id)
    assert len(await claims_of(world, affiliate_id)) == 1
    assert len([call for call in await claim_calls(world, affiliate_id) if call["status"] != 201]) == 0
    assert sum(text.startswith("claimed") for result in results for text in done(result, affiliate_id)) >= 1


async def test_a_claim_planned_before_another_one_finds_it_and_claims_nothing(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id)
    planned = ClaimRequest(account="default", affiliate_id=affiliate_id, known=KnownClaims())
    await world.baton.claim_affiliate(affiliate_id)
    first = await closed(world, affiliate_id)

    handle = await world.environment.client.start_workflow(
        CLAIM_WORKFLOW, planned, result_type=ClaimView, **claim_options(planned)
    )

    second: ClaimView = await handle.result()
    assert (second.found, second.claim, second.outcome) == (True, first.claim, ClaimOutcome.COMPLETED)
    assert len(await claim_calls(world, affiliate_id)) == 1


async def test_an_affiliate_with_two_balances_has_each_claimed_by_name(world: World) -> None:
    affiliate_id = await registered(world)
    await earned(world, affiliate_id, 4_000)
    await earned(world, affiliate_id, 5_000, sourceChain="solana")

    first = await round_of(world)
    await closed(world, affiliate_id)
    second = await round_of(world)
    await eventually(lambda: claims_of(world, affiliate_id), lambda claims: len(claims) == 2)

    assert [text.partition(",")[0] for text in done(first, affiliate_id)] == ["claimed", "left to the next round"]
    assert [text.partition(",")[0] for text in done(second, affiliate_id)] == ["claimed"]
    ledgers = [claim["settlementChain"] for claim in await claims_of(world, affiliate_id)]
    assert ledgers == ["solana", "base"]
