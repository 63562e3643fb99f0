"""The planned read of addresses: what Orchestra took away is noticed, shown, and cleared when it is back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import pytest_asyncio
from temporalio.client import Client

from baton.orchestra.client import OrchestraClient
from baton.orders.names import WORKFLOW_QUEUE
from baton.sources.answers import SourceSnapshot
from baton.sources.messages import ReadSources, SourceSeen, SourcesRead
from baton.sources.names import OBSERVE_SOURCE, SOURCE_READ_WORKFLOW
from baton.sources.schedule import ensure_source_schedule
from tests.end_to_end.address_deposits import standing
from tests.end_to_end.test_addresses import EVM, accumulation, liquidation
from tests.end_to_end.test_pay_links import link
from tests.end_to_end.world import SPARK, World
from tests.eventually import eventually


@pytest_asyncio.fixture
async def orchestra(world: World) -> AsyncIterator[OrchestraClient]:
    """Orchestra's own side, to change what it has."""
    async with OrchestraClient(world.account.base_url, "fn_sandbox") as client:
        yield client


async def read(world: World) -> SourcesRead:
    """Do one planned read of the account."""
    call = ReadSources(account="default", pause=timedelta(milliseconds=1))
    name = f"sources/default/{datetime.now(UTC).isoformat()}"
    done: SourcesRead = await world.environment.client.execute_workflow(
        SOURCE_READ_WORKFLOW, call, id=name, task_queue=WORKFLOW_QUEUE, result_type=SourcesRead
    )
    return done


async def reasons(world: World, address: SourceSnapshot) -> list[str]:
    return [attention.reason for attention in (await world.baton.address(address.reference)).attentions]


async def test_an_address_disabled_at_orchestra_needs_a_person(world: World, orchestra: OrchestraClient) -> None:
    address, untouched = [await world.baton.create_address(accumulation()) for _ in range(2)]
    assert address.created is not None
    await orchestra.disable_accumulation(address.created.orchestra_id, "elsewhere-1")

    done = await read(world)

    assert done.signalled >= 1
    await eventually(lambda: reasons(world, address), lambda found: found == ["disabled_at_orchestra"])
    assert await reasons(world, untouched) == []
    row = await eventually(
        lambda: world.ledger.sources.source("default", "address", address.reference),
        lambda row: row is not None and row.attention is not None,
    )
    assert row is not None
    assert row.attention == "disabled_at_orchestra"
    assert "disabled_at_orchestra" in await world.details(address.workflow_id)
    assert (await read(world)).signalled == 0


async def test_a_resolved_finding_is_not_raised_again(world: World, orchestra: OrchestraClient) -> None:
    address = await world.baton.create_address(liquidation())
    assert address.created is not None
    await orchestra.disable_liquidation(address.created.orchestra_id, "elsewhere-2")
    await read(world)
    await eventually(lambda: reasons(world, address), lambda found: found == ["disabled_at_orchestra"])

    await world.baton.resolve_address(address.reference, note="support knows it")
    resolved = await world.baton.address(address.reference)
    assert [done.note for done in resolved.resolutions] == ["support knows it"]
    await eventually(
        lambda: world.ledger.sources.source("default", "address", address.reference),
        lambda row: row is not None and row.attention is None,
    )

    await read(world)
    assert await reasons(world, address) == []


async def test_what_a_read_no_longer_finds_is_cleared(world: World) -> None:
    address = await world.baton.create_address(accumulation())
    handle = world.environment.client.get_workflow_handle(address.workflow_id)
    await handle.signal(OBSERVE_SOURCE, SourceSeen(read_at=datetime.now(UTC)))
    await eventually(lambda: reasons(world, address), lambda found: found == ["missing_at_orchestra"])
    await eventually(
        lambda: world.ledger.sources.source("default", "address", address.reference),
        lambda row: row is not None and row.attention is not None,
    )

    await read(world)

    await eventually(lambda: reasons(world, address), lambda found: found == [])


async def test_standing_addresses_are_read_one_by_one(world: World, orchestra: OrchestraClient) -> None:
    document = {
        "type": "standing",
        "reference": accumulation()["reference"],
        "destination": {"chain": "base", "asset": "USDC", "address": EVM},
    }
    address = await world.baton.create_address(document)
    await orchestra.disable_standing(address.reference, "elsewhere-3")

    await read(world)

    await eventually(lambda: reasons(world, address), lambda found: found == ["disabled_at_orchestra"])


async def test_very_many_addresses_are_read_in_stretches(
    world: World, orchestra: OrchestraClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = [await world.baton.create_address(standing(SPARK)) for _ in range(3)]
    for address in addresses:
        await orchestra.disable_standing(address.reference, f"elsewhere-{address.reference}")
    whole = await read(world)
    for address in addresses:
        await eventually(partial(reasons, world, address), lambda found: found == ["disabled_at_orchestra"])
        await orchestra.enable_standing(address.reference, f"again-{address.reference}")

    monkeypatch.setattr("activities.source_reads.ONE_BY_ONE", 1)
    done = await read(world)

    assert (done.read, done.after) == (whole.read, None)
    for address in addresses:
        await eventually(partial(reasons, world, address), lambda found: found == [])


async def test_a_link_disabled_at_orchestra_needs_a_person(world: World, orchestra: OrchestraClient) -> None:
    created, untouched = [await world.baton.create_pay_link(link()) for _ in range(2)]
    assert created.created is not None
    await orchestra.disable_pay_link(created.created.orchestra_id, "elsewhere-4")

    await read(world)

    shown = await eventually(lambda: world.baton.pay_link(created.reference), lambda known: known.attention is not None)
    assert [attention.reason for attention in shown.attentions] == ["disabled_at_orchestra"]
    assert (await world.baton.pay_link(untouched.reference)).attentions == []
    await world.baton.resolve_pay_link(created.reference, note="it was meant")
    assert (await world.baton.pay_link(created.reference)).attentions == []


async def test_the_first_address_of_an_account_schedules_its_reads(world: World) -> None:
    await world.baton.create_address(accumulation())

    every = await eventually(lambda: interval(world.environment.client), lambda found: found is not None)

    assert every == timedelta(hours=24)
    await ensure_source_schedule(world.environment.client, "default", 6, 1)
    assert await interval(world.environment.client) == timedelta(hours=6)
    await ensure_source_schedule(world.environment.client, "default", 0, 1)
    described = await world.environment.client.get_schedule_handle("sources/default").describe()
    assert described.schedule.state.paused


async def interval(client: Client) -> timedelta | None:
    described = await client.get_schedule_handle("sources/default").describe()
    return next((spec.every for spec in described.schedule.spec.intervals), None)
