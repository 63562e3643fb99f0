"""Event streams: their events, their end, and how they break."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from baton.local.sandbox.control import SandboxControl
from tests.eventually import eventually
from tests.local.sandbox.partner import USDC_TO_BTC, Document, Partner, code_of
from tests.sandbox_server import running_sandbox

PATH = "/v1/sse/operations/"
HAPPY = ["processing", "bridging", "swapping", "delivering", "completed"]


@dataclass
class EventReader:
    """Reads an event stream in the background."""

    answer: httpx.Response
    events: list[tuple[str, str]] = field(default_factory=list)
    ended: bool = False
    broken: Exception | None = None

    @property
    def statuses(self) -> list[str]:
        return [json.loads(data)["status"] for name, data in self.events if name == "status"]

    async def read(self) -> None:
        name = ""
        try:
            async for line in self.answer.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data:"):
                    self.events.append((name, line.removeprefix("data:").strip()))
            self.ended = True
        except httpx.TransportError as error:
            self.broken = error

    async def wait_for(self, *statuses: str) -> None:
        async def read() -> list[str]:
            return self.statuses

        await eventually(read, lambda received: received == list(statuses))

    async def wait_until_closed(self) -> None:
        async def read() -> bool:
            return self.ended

        await eventually(read, bool)


@asynccontextmanager
async def _reading(partner: Partner, order_id: str, **query: str) -> AsyncIterator[EventReader]:
    async with partner.http.stream("GET", PATH + order_id, params=query) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        reader = EventReader(answer)
        task = asyncio.create_task(reader.read())
        try:
            yield reader
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _order(partner: Partner, control: SandboxControl, scenario: str = "stepped") -> str:
    await control.set_scenario(scenario)
    quote = await partner.quote(USDC_TO_BTC)
    return (await partner.submit(quote, await control.deposit(quote["quoteId"]))).json()["orderId"]


async def _advance(control: SandboxControl, order_id: str, *statuses: str) -> None:
    for status in statuses:
        await control.advance(order_id, status)


async def test_a_stream_sends_the_status_and_every_change_until_the_end(
    partner: Partner, control: SandboxControl
) -> None:
    order_id = await _order(partner, control)
    async with _reading(partner, order_id) as reader:
        await reader.wait_for("processing")
        await _advance(control, order_id, *HAPPY[1:])
        await reader.wait_until_closed()
        assert reader.statuses == HAPPY
        assert reader.events[0] == ("status", '{"status":"processing"}')


async def test_a_stream_loses_no_change_when_an_order_moves_without_a_pause() -> None:
    async with running_sandbox(step_seconds=0) as (base_url, control):
        partner = Partner(base_url)
        async with partner.http:
            await control.fault("sse", "slow", seconds=0)
            order_id = await _order(partner, control)
            async with _reading(partner, order_id) as reader:
                await reader.wait_for("processing")
                await asyncio.gather(*(control.advance(order_id) for _ in range(4)))
                await reader.wait_until_closed()
                assert reader.statuses == HAPPY


@pytest.mark.parametrize("end", ["completed", "failed", "refunded"])
async def test_a_stream_of_an_ended_order_sends_the_end_and_closes(
    partner: Partner, control: SandboxControl, end: str
) -> None:
    order_id = await _order(partner, control)
    await control.advance(order_id, end)
    async with _reading(partner, order_id) as reader:
        await reader.wait_until_closed()
        assert reader.statuses == [end]


@pytest.mark.parametrize("end", ["unfulfilled", "expired"])
async def test_a_stream_of_an_unfulfilled_or_expired_order_stays_open(
    partner: Partner, control: SandboxControl, end: str
) -> None:
    order_id = await _order(partner, control)
    async with _reading(partner, order_id) as reader:
        await control.advance(order_id, end)
        await reader.wait_for("processing", end)
        await control.advance_clock(16)

        async def read() -> Document:
            return {"events": reader.events}

        await eventually(read, lambda document: ("heartbeat", "") in document["events"])
        assert not reader.ended


async def test_a_stream_shows_a_pause_as_processing(partner: Partner, control: SandboxControl) -> None:
    order_id = await _order(partner, control)
    async with _reading(partner, order_id) as reader:
        await _advance(control, order_id, "bridging", "swapping", "paused", "processing", "swapping")
        await reader.wait_for("processing", "bridging", "swapping", "processing", "swapping")


async def test_a_heartbeat_is_sent_every_fifteen_seconds(partner: Partner, control: SandboxControl) -> None:
    order_id = await _order(partner, control)
    async with _reading(partner, order_id) as reader:
        await reader.wait_for("processing")
        for beats in (1, 2):
            await control.advance_clock(10)
            assert len(reader.events) == beats
            await control.advance_clock(5)

            async def read() -> int:
                return len(reader.events)

            await eventually(read, lambda count, n=beats: count == n + 1)
        assert reader.events[1:] == [("heartbeat", "")] * 2


async def test_a_key_in_the_query_is_accepted_and_not_recorded(partner: Partner, control: SandboxControl) -> None:
    order_id = await _order(partner, control)
    partner.http.headers.pop("Authorization")
    async with _reading(partner, order_id, token="fn_sandbox") as reader:
        await reader.wait_for("processing")
    [call] = await control.requests("sse")
    assert (call["query"], call["status"]) == ({"token": "(hidden)"}, 200)
    assert code_of(await partner.http.get(PATH + order_id)) == (401, "unauthorized")
    assert code_of(await partner.http.get(PATH + order_id, params={"token": "fn_x"})) == (401, "unauthorized")
    elsewhere = await partner.http.get("/v1/orchestration/status", params={"id": order_id, "token": "fn_sandbox"})
    assert code_of(elsewhere) == (401, "unauthorized")


async def test_a_stream_of_an_unknown_or_foreign_order_is_not_found() -> None:
    keys = {"fn_a": "par_a", "fn_b": "par_b"}
    async with running_sandbox(api_keys=keys) as (base_url, control):
        ours, theirs = Partner(base_url, "fn_a"), Partner(base_url, "fn_b")
        async with ours.http, theirs.http:
            order_id = await _order(ours, control)
            assert code_of(await theirs.http.get(PATH + order_id)) == (404, "not_found")
            assert code_of(await ours.http.get(f"{PATH}ord_none")) == (404, "not_found")


@pytest.mark.parametrize("events", [0, 1, 3])
async def test_a_stream_can_be_cut_after_some_events(partner: Partner, control: SandboxControl, events: int) -> None:
    order_id = await _order(partner, control)
    await control.fault("sse", "cut_stream", events=events)
    async with _reading(partner, order_id) as reader:
        for status in HAPPY[1 : max(events, 1)]:
            await control.advance(order_id, status)

        async def read() -> Exception | None:
            return reader.broken

        await eventually(read, lambda broken: broken is not None)
        assert reader.statuses == HAPPY[:events]
    async with _reading(partner, order_id) as again:
        await again.wait_for(HAPPY[max(events, 1) - 1])


async def test_a_stream_can_go_silent_and_stay_open(partner: Partner, control: SandboxControl) -> None:
    order_id = await _order(partner, control)
    fault = await control.fault("sse", "silent_stream", events=1)
    async with _reading(partner, order_id) as reader:
        await reader.wait_for("processing")
        await _advance(control, order_id, "bridging", "swapping")
        await control.advance_clock(60)
        await (await _second(partner, order_id)).aclose()
        assert (len(reader.events), reader.ended) == (1, False)
        await control.release(fault)
        await reader.wait_until_closed()


async def _second(partner: Partner, order_id: str) -> httpx.Response:
    """Open another stream; once it is open, the first one has got every event that was due to it."""
    answer = await partner.http.send(partner.http.build_request("GET", PATH + order_id), stream=True)
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize(("kind", "expected"), [("error", 503), ("wrong_content_type", 200)])
async def test_opening_a_stream_can_fail(partner: Partner, control: SandboxControl, kind: str, expected: int) -> None:
    order_id = await _order(partner, control)
    await control.fault("sse", kind)
    answer = await partner.http.get(PATH + order_id)
    assert answer.status_code == expected
    assert not answer.headers["Content-Type"].startswith("text/event-stream")


async def test_an_open_stream_does_not_delay_the_shutdown() -> None:
    async with running_sandbox() as (base_url, control):
        partner = Partner(base_url)
        order_id = await _order(partner, control)
        answer = await partner.http.send(partner.http.build_request("GET", PATH + order_id), stream=True)
        started = asyncio.get_running_loop().time()
    assert [line async for line in answer.aiter_lines()][:2] == ["event: status", 'data: {"status":"processing"}']
    await answer.aclose()
    await partner.http.aclose()
    assert asyncio.get_running_loop().time() - started < 1.9
