"""Without webhooks, an order is tracked by its event stream, and by polls if the stream fails."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.end_to_end.worker_process import environment_of
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.leftovers import replay_all
from tests.temporal_server import temporal_server

STATUSES = ["processing", "bridging", "swapping", "delivering", "completed"]


@pytest.fixture(scope="module")
async def unreached(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Run Baton where no webhook is ever delivered."""
    async with (
        temporal_server() as temporal,
        running_world(temporal, tmp_path_factory.mktemp("unreached"), tracking="sse") as world,
    ):
        await world.sandbox.webhook_fault("drop")
        yield world
        await replay_all(temporal.client)


async def calls_about(world: World, order_id: str | None, endpoint: str) -> list[int]:
    """Return the API's answers to the calls about an order."""
    calls = await world.sandbox.requests(endpoint)
    return [
        call["status"]
        for call in calls
        if order_id and order_id in (call["query"].get("id"), call["path"].split("/")[-1])
    ]


async def until_listened_to(world: World, order_id: str | None, times: int = 1) -> None:
    """Wait until an order's stream has been requested that often."""
    await eventually(lambda: calls_about(world, order_id, "sse"), lambda calls: len(calls) >= times)


async def stepped(world: World) -> tuple[Placement, str]:
    """Return an order in `processing`, which moves only when the test says so, and its id."""
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    snapshot = await world.until(placed, status="processing")
    assert snapshot.order_id is not None
    return placed, snapshot.order_id


async def test_without_webhooks_a_stream_costs_one_read_for_each_status(unreached: World) -> None:
    began = time.monotonic()
    placed = await unreached.place()
    await unreached.deposit_and_report(placed)
    result = await unreached.baton.wait(placed.reference)
    assert result.outcome is Outcome.COMPLETED
    assert time.monotonic() - began < 10  # the shortest pause between polls is 15 s
    reads = await calls_about(unreached, result.order_id, "status")
    assert 1 <= len(reads) <= len(STATUSES)


async def test_every_status_is_read_as_soon_as_it_changes(unreached: World) -> None:
    placed, order_id = await stepped(unreached)
    for number, status in enumerate(STATUSES[1:], start=1):
        await until_listened_to(unreached, order_id, number)
        await unreached.sandbox.advance(order_id)
        await unreached.until(placed, status=status)
    assert await unreached.statuses(placed) == STATUSES
    assert len(await calls_about(unreached, order_id, "status")) == len(STATUSES) - 1


async def test_a_refused_read_raises_attention_and_is_not_repeated_at_once(unreached: World) -> None:
    placed, order_id = await stepped(unreached)
    await unreached.sandbox.fault(
        "status", "error", quoteId=placed.quote_id, times=100, status=403, code="partner_disabled"
    )
    await until_listened_to(unreached, order_id)
    await unreached.sandbox.advance(order_id)
    snapshot = await eventually(lambda: unreached.snapshot(placed), lambda snapshot: snapshot.attention is not None)
    assert snapshot.attention.reason == "partner_access"
    other = await unreached.place()
    await unreached.deposit_and_report(other)
    assert (await unreached.baton.wait(other.reference)).outcome is Outcome.COMPLETED
    assert await calls_about(unreached, order_id, "status") == [403]


async def test_when_a_stream_is_cut_or_refused_polls_find_the_change(unreached: World) -> None:
    refusal = {"status": 429, "code": "rate_limited", "headers": {"Retry-After": "1"}}
    faults: list[tuple[str, dict[str, Any]]] = [("cut_stream", {}), ("error", refusal)]
    placed = [await _moved_unheard(unreached, kind, **details) for kind, details in faults]
    for order in placed:
        snapshot = await eventually(
            lambda order=order: unreached.snapshot(order), lambda snapshot: snapshot.status == "bridging", within=30
        )
        assert snapshot.attention is None


async def _moved_unheard(world: World, kind: str, **details: Any) -> Placement:
    """Return an order that moves after its stream broke in that way."""
    placed = await world.place(scenario="stepped")
    fault = await world.sandbox.fault("sse", kind, quoteId=placed.quote_id, **details)
    await world.deposit_and_report(placed)
    await eventually(
        world.sandbox.faults, lambda faults: any(entry["id"] == fault and entry["hits"] for entry in faults)
    )
    await world.sandbox.advance(placed.quote_id or "")
    return placed


async def test_a_listening_worker_shows_no_url_and_no_key_and_stops_at_once(tmp_path: Path) -> None:
    async with temporal_server() as temporal, running_world(temporal, tmp_path, with_worker=False) as world:
        await world.sandbox.webhook_fault("drop")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "worker",
            env={
                **environment_of(world, tmp_path, tmp_path / "ready"),
                "ORCHESTRA_TRACKING": "sse",
                "BATON_LOG_LEVEL": "debug",
                "BATON_SHUTDOWN_GRACE": "60",
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            placed, order_id = await stepped(world)
            await until_listened_to(world, order_id)
            await world.sandbox.advance(order_id)
            await world.until(placed, status="bridging")
            await until_listened_to(world, order_id, 2)
            process.terminate()
            output, _ = await asyncio.wait_for(process.communicate(), 20)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0
    assert b"worker drains" in output
    for private in (b"/v1/sse", b"token=", b"fn_sandbox"):
        assert private not in output
