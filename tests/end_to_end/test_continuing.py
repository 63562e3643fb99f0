"""A long order continues as a new run, and nobody can tell from outside."""

from collections.abc import AsyncIterator

import pytest

from tests.end_to_end.world import World, running_world
from tests.temporal_server import temporal_server
from workflows.models import Outcome


@pytest.fixture(scope="module")
async def brief(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Baton on a server that wants short histories."""
    early = {"limit.historyCount.suggestContinueAsNew": "25"}
    async with (
        temporal_server(**early) as temporal,
        running_world(temporal, tmp_path_factory.mktemp("brief")) as world,
    ):
        yield world


async def runs_of(world: World, workflow_id: str) -> int:
    found = world.environment.client.list_workflows(f"WorkflowId = '{workflow_id}'")
    return len([run async for run in found])


async def test_an_order_that_continues_as_new_keeps_its_quote_its_keys_and_its_story(brief: World) -> None:
    document = brief.document()
    placed = await brief.baton.place(document)
    await brief.sandbox.set_scenario("stepped", placed.quote_id)
    await brief.deposit_and_report(placed)
    snapshot = await brief.until(placed, status="processing")
    for status in ("bridging", "swapping", "delivering"):
        for _ in range(2):
            await brief.baton.refresh(placed.reference)
        await brief.sandbox.advance(snapshot.order_id)
        await brief.until(placed, status=status)
    assert (await brief.baton.place(document)).quote_id == placed.quote_id
    await brief.sandbox.advance(snapshot.order_id)

    result = await brief.baton.wait(placed.reference)

    assert result.outcome is Outcome.COMPLETED
    assert await brief.statuses(placed) == ["processing", "bridging", "swapping", "delivering", "completed"]
    calls = [*await brief.sandbox.requests("quote"), *await brief.sandbox.requests("submit")]
    keys = [call["idempotencyKey"].rsplit("/", 2)[1:] for call in calls]
    assert sorted(keys) == [["quote", "1"], ["submit", "1"]]
    assert await runs_of(brief, placed.workflow_id) > 1
