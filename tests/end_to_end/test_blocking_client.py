"""The blocking client: the methods of the asynchronous one, for threads without an event loop."""

import asyncio
import inspect
import signal
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from baton import (
    BatonClient,
    BlockingBatonClient,
    DocumentError,
    OrderRefused,
    OrderUnknown,
    Outcome,
    Phase,
    Unreachable,
)
from tests.end_to_end.world import World

INTERRUPTED = """
from baton import BlockingBatonClient

with BlockingBatonClient.connect() as baton:
    try:
        print("waiting", flush=True)
        baton.wait({reference!r})
    except KeyboardInterrupt:
        print(baton.snapshot({reference!r}).phase.value)
"""

GIVEN_UP = """
import asyncio
from baton import BatonClient


async def main():
    baton = await BatonClient.connect()
    try:
        async with asyncio.timeout(0.1):
            await baton.wait({reference!r})
    except TimeoutError:
        print("given up")

asyncio.run(main())
"""


@pytest.fixture
async def blocking(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BlockingBatonClient]:
    monkeypatch.setenv("TEMPORAL_ADDRESS", world.environment.client.service_client.config.target_host)
    client = await asyncio.to_thread(BlockingBatonClient.connect)
    yield client
    await asyncio.to_thread(client.close)


def public_methods(client: type) -> dict[str, list[tuple[str, Any, Any]]]:
    methods = inspect.getmembers(client, callable)
    return {
        name: [
            (parameter.name, parameter.kind, parameter.default)
            for parameter in inspect.signature(method).parameters.values()
        ]
        for name, method in methods
        if not name.startswith("_")
    }


def test_both_clients_have_the_same_methods_and_parameters() -> None:
    blocking = public_methods(BlockingBatonClient)

    assert blocking.pop("close")
    assert blocking == public_methods(BatonClient)


def test_both_clients_have_the_same_docstrings() -> None:
    for name in public_methods(BatonClient):
        assert getattr(BlockingBatonClient, name).__doc__ == getattr(BatonClient, name).__doc__


async def test_an_order_is_tracked_to_its_end_from_a_thread(world: World, blocking: BlockingBatonClient) -> None:
    document = world.document()
    placed = await asyncio.to_thread(blocking.place, document)
    proof = await world.deposit(placed)
    standing = await asyncio.to_thread(blocking.report_deposit, placed.reference, proof)

    snapshots = await asyncio.to_thread(lambda: list(blocking.watch(placed.reference, every=0.05)))
    result = await asyncio.to_thread(blocking.wait, placed.reference)

    assert standing.phase in (Phase.SUBMITTING, Phase.TRACKING, Phase.CLOSED)
    assert [snapshot.outcome for snapshot in snapshots][-1] is Outcome.COMPLETED
    assert all(snapshot.outcome is None for snapshot in snapshots[:-1])
    assert (result.outcome, result.reference) == (Outcome.COMPLETED, placed.reference)


async def test_errors_reach_the_calling_thread(world: World, blocking: BlockingBatonClient) -> None:
    with pytest.raises(OrderUnknown):
        await asyncio.to_thread(blocking.snapshot, "nobody-knows-me")
    with pytest.raises(DocumentError):
        await asyncio.to_thread(blocking.place, {"reference": "x"})
    with pytest.raises(OrderRefused) as refused:
        await asyncio.to_thread(blocking.place, world.document(destinationAsset="DOGE"))
    assert refused.value.code == "unsupported_route"


async def test_many_threads_share_one_client(world: World, blocking: BlockingBatonClient) -> None:
    documents = [world.document() for _ in range(8)]

    placed = await asyncio.gather(*(asyncio.to_thread(blocking.place, document) for document in documents))
    cancelled = await asyncio.gather(*(asyncio.to_thread(blocking.cancel, order.reference) for order in placed))

    assert [order.reference for order in placed] == [document["reference"] for document in documents]
    assert {standing.outcome for standing in cancelled} == {Outcome.CANCELLED}


async def test_leaving_a_watch_early_ends_its_polls(world: World, blocking: BlockingBatonClient) -> None:
    placed = await world.place()

    def first() -> Phase:
        for snapshot in blocking.watch(placed.reference, every=30):
            return snapshot.phase
        raise AssertionError("no snapshot")

    assert await asyncio.to_thread(first) is Phase.AWAITING_DEPOSIT


async def test_closing_the_client_cancels_what_other_threads_wait_for(
    world: World, blocking: BlockingBatonClient
) -> None:
    placed = await world.place()
    running = threading.enumerate()
    waiting = asyncio.create_task(asyncio.to_thread(blocking.wait, placed.reference))
    await asyncio.to_thread(blocking.snapshot, placed.reference)

    await asyncio.to_thread(blocking.close)

    with pytest.raises(Unreachable, match="the client is closed; connect again"):
        await waiting
    with pytest.raises(Unreachable, match="the client is closed; connect again") as refused:
        await asyncio.to_thread(blocking.snapshot, placed.reference)
    assert refused.value.code == "client_closed"
    assert not [thread for thread in running if thread.name == "baton-client" and thread.is_alive()]


async def test_ctrl_c_ends_a_wait_and_leaves_the_client_usable(world: World) -> None:
    placed = await world.place()
    address = world.environment.client.service_client.config.target_host
    script = INTERRUPTED.format(reference=placed.reference)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, env={"TEMPORAL_ADDRESS": address}
    )
    assert process.stdout
    assert await process.stdout.readline() == b"waiting\n"

    process.send_signal(signal.SIGINT)

    async with asyncio.timeout(15):
        out, _ = await process.communicate()
    assert (process.returncode, out) == (0, b"awaiting_deposit\n")


async def test_a_script_that_gives_up_a_wait_ends_at_once(world: World) -> None:
    placed = await world.place()
    address = world.environment.client.service_client.config.target_host
    script = GIVEN_UP.format(reference=placed.reference)
    for _ in range(3):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, env={"TEMPORAL_ADDRESS": address}
        )
        async with asyncio.timeout(15):
            out, _ = await process.communicate()
        assert (process.returncode, out) == (0, b"given up\n")
