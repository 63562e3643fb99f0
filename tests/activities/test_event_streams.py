"""Without webhooks, a read listens to the order's stream first, and falls back to polls if that fails."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from activities.reads import ReadActivities
from activities.support.account_clients import AccountClients
from activities.support.read_calls import ReadProgress
from activities.support.streams import CONNECTS_PER_MINUTE, COOLDOWN, REFUSAL_COOLDOWN, EventStreams
from baton.accounts.route_book import RouteBook
from baton.ledger.ledger import Ledger
from baton.ownership.claims import Claims
from tests.activities.order_read import OrderRead, account_at, pause_of, reading
from tests.orchestra.streaming import STREAM_HEAD, send, serving, status_event


async def test_a_change_on_the_stream_triggers_exactly_one_read(tmp_path: Path) -> None:
    async with reading(tmp_path) as order:
        listening = asyncio.create_task(order.read())
        await order.until_listening()
        await order.sandbox.advance(order.order_id)
        result = await asyncio.wait_for(listening, 5)
        assert [observation.status for observation in result.observations] == ["bridging"]
        assert result.streams
        assert (await order.calls("sse"), await order.calls("status")) == (1, 1)


async def test_a_change_before_the_connect_is_sent_on_connecting(tmp_path: Path) -> None:
    async with reading(tmp_path) as order:
        await order.sandbox.advance(order.order_id)
        result = await asyncio.wait_for(order.read(), 5)
        assert [observation.status for observation in result.observations] == ["bridging"]


async def test_a_status_from_the_stream_is_never_used_without_a_read(tmp_path: Path) -> None:
    document = b'{"order":{"id":"ord_1","type":"order","status":"processing"}}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "

    async def answer(request: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/v1/sse/" in request:
            writer.write(STREAM_HEAD)
            await send(writer, status_event("completed"))
        else:
            writer.write(head + str(len(document)).encode() + b"\r\n\r\n" + document)

    async with (
        serving(answer) as base_url,
        await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger,
        AccountClients({"default": account_at(base_url)}) as clients,
    ):
        # The sandbox never sends a wrong status; this server's stream does.
        order = OrderRead(None, ReadActivities(clients, Claims(None, ledger), EventStreams(), RouteBook({})), "ord_1")  # type: ignore[arg-type]
        assert await pause_of(order.read()) == 15


async def test_a_change_after_a_read_is_read_by_the_next_attempt(tmp_path: Path) -> None:
    async with reading(tmp_path) as order:
        seen = (await order.read(cadence=None)).observations[0]
        listening = asyncio.create_task(pause_of(order.read(attempt=2, known_at=seen.at)))
        await order.until_listening()
        await order.sandbox.advance(order.order_id)
        assert await asyncio.wait_for(listening, 5) < 1
        assert await order.calls("status") == 2
        assert (await order.read(attempt=3)).observations[0].status == "bridging"


async def test_a_stream_that_contradicts_the_read_brings_no_loop(tmp_path: Path) -> None:
    async with reading(tmp_path) as order:
        progress = ReadProgress(heard=True, detours=1)
        order.environment.info = replace(order.environment.info, heartbeat_details=[progress.model_dump()])
        seen = (await order.read(cadence=None)).observations[0]

        assert await pause_of(order.read(attempt=2, known_at=seen.at)) == 15

        assert await order.calls("sse") == 0


@pytest.mark.parametrize("kind", ["cut_stream", "wrong_content_type", "reset"])
async def test_a_broken_stream_falls_back_to_polls(tmp_path: Path, kind: str) -> None:
    async with reading(tmp_path) as order:
        await order.sandbox.fault("sse", kind)
        assert await pause_of(order.read()) == 15
        await order.sandbox.advance(order.order_id)
        assert (await order.read(attempt=2)).observations[0].status == "bridging"


@pytest.mark.parametrize(
    ("status", "code", "headers", "cooldown"),
    [
        (429, "rate_limited", {}, COOLDOWN),
        (429, "rate_limited", {"Retry-After": "7"}, 7),
        (403, "scope_required", {}, REFUSAL_COOLDOWN),
    ],
)
async def test_a_refused_stream_falls_back_to_polls_for_a_while(
    tmp_path: Path, status: int, code: str, headers: dict[str, str], cooldown: float
) -> None:
    now = [0.0]
    async with reading(tmp_path, streams=EventStreams(clock=lambda: now[0])) as order:
        await order.sandbox.fault("sse", "error", status=status, code=code, headers=headers)
        assert await pause_of(order.read()) == 15
        now[0] = cooldown - 0.1
        assert await pause_of(order.read()) == 15
        assert await order.calls("sse") == 1
        now[0] = cooldown
        await order.sandbox.advance(order.order_id)
        assert (await order.read()).observations[0].status == "bridging"
        assert await order.calls("sse") == 2


async def test_a_silent_stream_is_reopened_after_a_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.support.streams.MAX_HOLD", 0.2)
    async with reading(tmp_path) as order:
        seen = (await order.read(cadence=None)).observations[0]
        assert await pause_of(order.read()) == 1
        assert await pause_of(order.read(attempt=2, known_at=seen.at)) == 1
        assert (await order.calls("sse"), await order.calls("status")) == (2, 2)


async def test_a_stopping_worker_does_not_wait_for_its_streams(tmp_path: Path) -> None:
    async with reading(tmp_path) as order:
        listening = asyncio.create_task(pause_of(order.read()))
        await order.until_listening()
        order.environment.worker_shutdown()
        assert await asyncio.wait_for(listening, 5) == 1


async def test_an_attempt_close_to_its_timeout_reads_without_listening(tmp_path: Path) -> None:
    async with reading(tmp_path) as order:
        assert await pause_of(order.read(limit=timedelta(seconds=60))) == 15
        assert await order.calls("sse") == 0


async def test_an_order_that_can_wait_for_hours_opens_no_stream(tmp_path: Path) -> None:
    async with reading(tmp_path) as order:
        assert await pause_of(order.read(known="unfulfilled")) == 15
        assert await order.calls("sse") == 0


async def test_more_streams_than_the_api_allows_are_not_opened(tmp_path: Path) -> None:
    now = [0.0]
    async with reading(tmp_path, streams=EventStreams(clock=lambda: now[0])) as order:
        for _ in range(CONNECTS_PER_MINUTE):
            assert (await order.read(known="confirming")).observations
        assert await pause_of(order.read(known="confirming")) == 15
        assert await order.calls("sse") == CONNECTS_PER_MINUTE
        now[0] = 60
        assert (await order.read(known="confirming")).observations


async def test_with_polls_the_first_attempt_waits_and_the_second_reads(tmp_path: Path) -> None:
    async with reading(tmp_path, tracking="polls") as order:
        await order.sandbox.advance(order.order_id)
        assert await pause_of(order.read()) == 15
        assert await order.calls("status") == 0
        assert (await order.read(attempt=2)).observations[0].status == "bridging"
        assert (await order.read(cadence=None)).streams
        assert await order.calls("sse") == 0


async def test_with_webhooks_the_first_attempt_reads_without_listening(tmp_path: Path) -> None:
    async with reading(tmp_path, tracking="webhooks") as order:
        seen = (await order.read(cadence=None)).observations[0]
        assert await pause_of(order.read(known_at=seen.at)) == 15
        assert not (await order.read(known="confirming")).streams
        assert (await order.calls("status"), await order.calls("sse")) == (3, 0)
