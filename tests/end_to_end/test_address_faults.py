"""Creating and disabling an address while calls fail: one address for each reference, and never a wrong refusal."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import WorkflowFailureError

from baton import temporal_calls
from baton.errors import SourceRefused, Unreachable
from baton.orchestra.client import OrchestraClient
from baton.sources.answers import SourceSnapshot
from baton.sources.rules.updates import SOURCE_CLOSED
from baton.sources.state import SourcePhase
from tests.end_to_end.test_addresses import EVM, accumulation, liquidation
from tests.end_to_end.world import World
from tests.eventually import eventually
from tests.shared_sandbox import shared_module


@pytest_asyncio.fixture
async def orchestra(world: World) -> AsyncIterator[OrchestraClient]:
    """Orchestra's own side, to see and change what it has."""
    async with OrchestraClient(world.account.base_url, "fn_sandbox") as client:
        yield client


@pytest_asyncio.fixture(autouse=True)
async def without_faults(world: World) -> AsyncIterator[None]:
    yield
    for fault in await world.sandbox.faults():
        await world.sandbox.remove_fault(fault["id"])


async def keys(world: World, document: dict[str, Any]) -> list[str]:
    """Return the idempotency keys of the calls that create this address, in their order."""
    called = f"address/default/{document['reference']}/create"
    calls = await world.sandbox.requests("addresses")
    return [call["idempotencyKey"] for call in calls if (call["idempotencyKey"] or "").startswith(called)]


async def made(orchestra: OrchestraClient, label: str) -> int:
    """Return how many addresses with this label Orchestra has."""
    return len([address for address in await orchestra.accumulations(1000) if address.label == label])


def labelled() -> dict[str, Any]:
    """Return a document whose label is its reference, so that its addresses can be counted at Orchestra."""
    document = accumulation()
    return {**document, "label": document["reference"]}


@pytest.mark.parametrize("kind", ["reset", "truncate", "wrong_content_type"])
async def test_a_lost_answer_makes_no_second_address(world: World, orchestra: OrchestraClient, kind: str) -> None:
    document = labelled()
    await world.sandbox.fault("addresses", kind)

    address = await world.baton.create_address(document)

    assert await made(orchestra, document["label"]) == 1
    assert len(set(await keys(world, document))) == 1
    assert address.phase is SourcePhase.ENABLED


async def test_server_errors_are_retried_under_the_same_key(world: World, orchestra: OrchestraClient) -> None:
    document = labelled()
    await world.sandbox.fault("addresses", "error", status=503, code="service_unavailable", times=2)

    await world.baton.create_address(document)

    assert await keys(world, document) == [f"address/default/{document['reference']}/create/1"] * 3
    assert await made(orchestra, document["label"]) == 1


async def test_a_passing_refusal_moves_to_the_next_key(world: World) -> None:
    document = accumulation()
    await world.sandbox.fault("addresses", "error", status=409, code="conflict")

    await world.baton.create_address(document)

    assert [key.rpartition("/")[2] for key in await keys(world, document)] == ["1", "2"]


async def test_a_page_of_a_proxy_refuses_nothing(world: World) -> None:
    await world.sandbox.fault("addresses", "proxy_page", status=403)

    assert (await world.baton.create_address(accumulation())).phase is SourcePhase.ENABLED


async def test_a_refused_key_frees_the_reference_at_once(world: World) -> None:
    document = accumulation()
    await world.sandbox.fault("addresses", "error", status=401, code="unauthorized")
    with pytest.raises(SourceRefused) as refused:
        await world.baton.create_address(document)
    assert refused.value.code == "unauthorized"

    assert (await world.baton.create_address(document)).phase is SourcePhase.ENABLED


async def test_a_refused_key_after_a_lost_answer_proves_nothing(world: World, orchestra: OrchestraClient) -> None:
    document = labelled()
    await world.sandbox.fault("addresses", "reset")
    await world.sandbox.fault("addresses", "error", status=401, code="unauthorized")

    address = await world.baton.create_address(document)

    assert address.phase is SourcePhase.ENABLED
    assert await made(orchestra, document["label"]) == 1


async def test_an_address_is_disabled_once_it_is_created(world: World, orchestra: OrchestraClient) -> None:
    document = accumulation()
    await world.sandbox.fault("addresses", "error", status=500, code="internal_error", times=2)
    creating = asyncio.create_task(world.baton.create_address(document))
    handle = world.environment.client.get_workflow_handle(f"address/default/{document['reference']}")
    await eventually(lambda: keys(world, document))

    disabled = await world.baton.disable_address(document["reference"])
    (created,) = await asyncio.gather(creating, return_exceptions=True)

    # The creator gets a refusal instead, if the end comes before the answer is on its way.
    assert isinstance(created, SourceSnapshot) or getattr(created, "code", None) == SOURCE_CLOSED
    assert disabled.phase is SourcePhase.DISABLED
    assert disabled.created is not None
    assert (await orchestra.accumulation(disabled.created.orchestra_id)).enabled is False
    assert (await handle.result())["phase"] == "disabled"


@pytest.mark.parametrize("kind", ["reset", "error"])
async def test_a_lost_answer_to_disabling_disables_once(world: World, orchestra: OrchestraClient, kind: str) -> None:
    document = liquidation()
    address = await world.baton.create_address(document)
    details = {"status": 500, "code": "internal_error", "afterEffect": True} if kind == "error" else {}
    await world.sandbox.fault("addresses", kind, **details)

    disabled = await world.baton.disable_address(document["reference"])

    assert disabled.phase is SourcePhase.DISABLED
    assert address.created is not None
    assert (await orchestra.liquidation(address.created.orchestra_id)).enabled is False


async def test_a_refusal_to_disable_leaves_it_enabled_and_asks_a_person(world: World) -> None:
    document = liquidation()
    await world.baton.create_address(document)
    await world.sandbox.fault("addresses", "error", status=409, code="operator_required", message="ask support")

    with pytest.raises(SourceRefused, match="operator_required") as refused:
        await world.baton.disable_address(document["reference"])

    address = await world.baton.address(document["reference"])
    assert refused.value.code == "not_disabled"
    assert address.phase is SourcePhase.ENABLED
    assert [attention.reason for attention in address.attentions] == ["disable_refused"]
    assert (await world.baton.disable_address(document["reference"])).phase is SourcePhase.DISABLED


async def test_an_address_that_orchestra_lost_counts_as_disabled(world: World) -> None:
    document = liquidation()
    await world.baton.create_address(document)
    await world.sandbox.fault("addresses", "error", status=404, code="not_found")

    disabled = await world.baton.disable_address(document["reference"])

    assert disabled.phase is SourcePhase.DISABLED
    assert disabled.reason is not None
    assert disabled.reason.message.endswith("Orchestra did not know it any more")


async def test_a_standing_address_belongs_to_its_reference(world: World, orchestra: OrchestraClient) -> None:
    document = {
        "type": "standing",
        "reference": accumulation()["reference"],
        "destination": {"chain": "base", "asset": "USDC", "address": EVM},
        "slippageBps": 75,
    }
    address = await world.baton.create_address(document)

    assert address.created is not None
    assert (address.created.orchestra_id, address.created.slippage_bps) == (document["reference"], 75)
    assert {"bitcoin", "solana", "arbitrum"} <= address.addresses.keys()
    row = await world.ledger.sources.at_address("default", address.addresses["solana"], "solana")
    assert row is not None
    await world.baton.disable_address(document["reference"])
    assert (await orchestra.standing(document["reference"])).enabled is False


async def test_a_creation_without_an_answer_asks_a_person(world: World) -> None:
    document = accumulation()
    fault = await world.sandbox.fault("addresses", "error", status=500, code="internal_error", times=10_000)
    creating = asyncio.create_task(world.baton.create_address(document))
    handle = world.environment.client.get_workflow_handle(f"address/default/{document['reference']}")
    await eventually(lambda: keys(world, document), lambda called: len(called) > 1)

    await world.environment.fast_forward(handle, timedelta(minutes=11))

    async def reasons() -> list[str]:
        address = await world.baton.address(document["reference"])
        return [attention.reason for attention in address.attentions]

    await eventually(reasons, lambda found: found == ["creation_overdue"])
    await world.sandbox.remove_fault(fault)
    address = await creating
    assert (address.phase, address.attentions) == (SourcePhase.ENABLED, [])
    assert set(await keys(world, document)) == {f"address/default/{document['reference']}/create/1"}


async def test_an_account_that_no_worker_serves_frees_the_reference(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(temporal_calls, "FIRST_LOOK", 0.3)
    # The test's clock does not move while a call waits for its worker.
    monkeypatch.setattr(shared_module("workflows.support.source_calls"), "NO_WORKER_PATIENCE", timedelta(seconds=2))
    document = accumulation(account="nobody")
    with pytest.raises(Unreachable) as silence:
        await world.baton.create_address(document)
    assert silence.value.code == "account_unserved"
    handle = world.environment.client.get_workflow_handle(f"address/nobody/{document['reference']}")

    with pytest.raises(WorkflowFailureError) as ended:
        await handle.result()
    assert "no_worker" in str(ended.value.cause)
