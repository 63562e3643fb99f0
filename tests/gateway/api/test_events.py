"""The feed over HTTP: pages from a cursor, and a stream that resumes; neither depends on one gateway."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from baton.accounts.tokens import TokenBook, TokenEntry, hash_of
from baton.gateway.api import event_stream
from baton.ledger.events import KEPT
from baton.ledger.ledger import Ledger
from tests.gateway.api.feed_orders import write_events
from tests.gateway.world import Gateway, running_gateway
from tests.http import http_client
from tests.ledger.test_events import NOW

ALL = {"Authorization": "Bearer baton_reader_of_all_events"}
ONE = {"Authorization": "Bearer baton_reader_of_one_account"}
OWN = {
    "all": TokenEntry(hash=hash_of("baton_reader_of_all_events"), accounts=["*"], verbs=["read"]),
    "one": TokenEntry(hash=hash_of("baton_reader_of_one_account"), accounts=["one"], verbs=["read"]),
}


@pytest.fixture
async def own_ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


@pytest.fixture
async def api(gateway_temporal: Client, own_ledger: Ledger) -> AsyncIterator[Gateway]:
    async with running_gateway(gateway_temporal, own_ledger, tokens=TokenBook(own=OWN)) as running:
        yield running


async def page(api: Gateway, headers: dict[str, str] = ALL, **query: Any) -> dict[str, Any]:
    answer = await api.http.get("/v1/events", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def references(found: dict[str, Any]) -> list[str]:
    return [event["reference"] for event in found["events"]]


@asynccontextmanager
async def streaming(api: Gateway, **headers: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """Open the stream; yield its messages."""
    wanted = {**ALL, "Accept": "text/event-stream", **headers}
    async with (
        http_client(base_url=api.http.base_url, timeout=10) as http,
        http.stream("GET", "/v1/events", headers=wanted) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        yield _messages(response)


async def _messages(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    message: dict[str, Any] = {}
    async for line in response.aiter_lines():
        name, _, value = line.partition(": ")
        if line.startswith(": "):
            message["comment"] = line[2:]
        elif line:
            message[name] = value
        elif "data" in message or "comment" in message:
            yield message
            message = {}
        else:
            message = {}


async def next_of(messages: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    async with asyncio.timeout(10):
        return await anext(messages)


async def next_event(messages: AsyncIterator[dict[str, Any]]) -> str:
    while "event" not in (message := await next_of(messages)):
        pass
    return str(message["event"])


async def test_pages_follow_each_other_without_a_gap(api: Gateway, own_ledger: Ledger) -> None:
    for number in range(5):
        await write_events(own_ledger, "one", f"o{number}", "placed")
    first = await page(api, limit=2)
    second = await page(api, limit=2, after=first["cursor"])
    third = await page(api, limit=2, after=second["cursor"])
    assert references(first) + references(second) + references(third) == ["o0", "o1", "o2", "o3", "o4"]
    assert (first["more"], third["more"], third["gap"]) == (True, False, False)
    assert references(await page(api, after=third["cursor"])) == []
    await write_events(own_ledger, "one", "o5", "placed")
    assert references(await page(api, after=third["cursor"])) == ["o5"]


async def test_an_event_has_the_documented_fields(api: Gateway, own_ledger: Ledger) -> None:
    await write_events(own_ledger, "one", "o1", "processing")
    (found,) = (await page(api))["events"]
    assert found.keys() == {"id", "type", "account", "reference", "occurred_at", "position", "data"}
    assert (found["type"], found["account"]) == ("order.processing", "one")


async def test_a_filtered_page_moves_past_what_it_leaves_out(api: Gateway, own_ledger: Ledger) -> None:
    await write_events(own_ledger, "one", "o1", "placed", "closed")
    await write_events(own_ledger, "two", "o2", "placed")
    closed = await page(api, type="order.closed")
    assert references(closed) == ["o1"]
    assert references(await page(api, after=closed["cursor"])) == []
    assert references(await page(api, account="two")) == ["o2"]


async def test_a_token_gets_the_events_of_its_accounts_alone(api: Gateway, own_ledger: Ledger) -> None:
    await write_events(own_ledger, "one", "o1", "placed")
    await write_events(own_ledger, "two", "o2", "placed")
    assert references(await page(api, ONE)) == ["o1"]
    assert (await api.http.get("/v1/events?account=two", headers=ONE)).status_code == 403


async def test_latest_begins_after_the_newest_event(api: Gateway, own_ledger: Ledger) -> None:
    await write_events(own_ledger, "one", "o1", "placed")
    now = await page(api, after="latest")
    assert references(now) == []
    await write_events(own_ledger, "one", "o2", "placed")
    assert references(await page(api, after=now["cursor"])) == ["o2"]


@pytest.mark.parametrize("cursor", ["5", "-", "x y-1", "abc-", "abc-9x", "abc-99999999999999999999"])
async def test_a_cursor_that_is_none_is_refused_by_name(api: Gateway, cursor: str) -> None:
    refused = await api.http.get("/v1/events", params={"after": cursor}, headers=ALL)
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "after")


async def test_a_cursor_of_another_ledger_says_that_there_is_a_gap(api: Gateway, own_ledger: Ledger) -> None:
    await write_events(own_ledger, "one", "o1", "placed")
    found = await page(api, after="0123456789ab-700")
    assert (found["gap"], references(found)) == (True, ["o1"])


async def test_a_cursor_beyond_all_events_says_that_there_is_a_gap(api: Gateway, own_ledger: Ledger) -> None:
    await write_events(own_ledger, "one", "o1", "placed")
    feed, _, newest = (await page(api, after="latest"))["cursor"].partition("-")
    found = await page(api, after=f"{feed}-{int(newest) + 5}")
    assert (found["gap"], references(found)) == (True, ["o1"])
    assert found["cursor"] == f"{feed}-{newest}"


async def test_a_cursor_before_what_is_kept_says_that_there_is_a_gap(
    api: Gateway, own_ledger: Ledger, tmp_path: Path
) -> None:
    begin = (await page(api, after="latest"))["cursor"]
    await write_events(own_ledger, "one", "o1", "placed")
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as connection:
        connection.execute("UPDATE baton_events SET written_at = '2020-01-01 00:00:00'")
        connection.execute("UPDATE baton_orders SET closed_at = '2020-01-01 00:00:00'")
    assert await own_ledger.events.prune(NOW + KEPT) == 1
    await write_events(own_ledger, "one", "o2", "placed")
    found = await page(api, after=begin)
    assert (found["gap"], references(found)) == (True, ["o2"])
    assert not (await page(api, after=found["cursor"]))["gap"]


async def test_a_stream_shows_what_happens_from_now_on(api: Gateway, own_ledger: Ledger) -> None:
    await write_events(own_ledger, "one", "o1", "placed")
    async with streaming(api) as messages:
        waiting = asyncio.create_task(next_of(messages))
        await write_events(own_ledger, "one", "o2", "placed")
        message = await waiting
    assert message["event"] == "order.placed"
    assert json.loads(message["data"])["reference"] == "o2"


async def test_a_stream_resumes_after_the_last_event_at_any_gateway(
    api: Gateway, own_ledger: Ledger, gateway_temporal: Client
) -> None:
    begin = (await page(api, after="latest"))["cursor"]
    for number in range(3):
        await write_events(own_ledger, "one", f"o{number}", "placed")
    async with streaming(api, **{"Last-Event-ID": begin}) as messages:
        first = await next_of(messages)
    async with (
        running_gateway(gateway_temporal, own_ledger, tokens=TokenBook(own=OWN)) as other,
        streaming(other, **{"Last-Event-ID": first["id"]}) as messages,
    ):
        found = [json.loads((await next_of(messages))["data"])["reference"] for _ in range(2)]
    assert found == ["o1", "o2"]


async def test_a_stream_whose_events_are_gone_begins_with_the_word_gap(api: Gateway, own_ledger: Ledger) -> None:
    await write_events(own_ledger, "one", "o1", "placed")
    async with streaming(api, **{"Last-Event-ID": "0123456789ab-700"}) as messages:
        gap, event = await next_of(messages), await next_of(messages)
    assert gap["event"] == "gap"
    assert "GET /v1/orders" in gap["data"]
    assert event["event"] == "order.placed"


async def test_many_streams_ask_the_ledger_together_whether_there_is_news(
    api: Gateway, own_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "LOOK_INTERVAL", 0.05)
    monkeypatch.setattr(event_stream, "HEARTBEAT_INTERVAL", 1.0)
    asked, latest = [], own_ledger.events.latest

    async def counted() -> int:
        asked.append(1)
        return await latest()

    monkeypatch.setattr(own_ledger.events, "latest", counted)
    async with AsyncExitStack() as streams:
        readers = [await streams.enter_async_context(streaming(api)) for _ in range(50)]
        asked.clear()
        await asyncio.gather(*(next_of(each) for each in readers))
        assert len(asked) < 100
        await write_events(own_ledger, "one", "o1", "placed")
        assert set(await asyncio.gather(*(next_event(each) for each in readers))) == {"order.placed"}


async def test_a_silent_stream_shows_that_it_lives(api: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_INTERVAL", 0.1)
    monkeypatch.setattr(event_stream, "LOOK_INTERVAL", 0.05)
    cursor = (await page(api, after="latest"))["cursor"]
    async with streaming(api) as messages:
        message = await next_of(messages)
    assert (message["comment"], message["id"]) == ("heartbeat", cursor)


async def test_a_client_that_does_not_read_holds_up_nobody(
    api: Gateway, own_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "LOOK_INTERVAL", 0.02)
    url = httpx.URL(str(api.http.base_url))
    assert url.port is not None
    reader, writer = await asyncio.open_connection(url.host, url.port, limit=1024)
    request = f"GET /v1/events?after={'0123456789ab-0'} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
    writer.write(f"{request}Authorization: {ALL['Authorization']}\r\n\r\n".encode())
    await reader.readline()
    async with streaming(api) as messages:
        for number in range(50):
            await write_events(own_ledger, "one", f"o{number}", *(f"s{step}" for step in range(20)))
        found = [await next_of(messages) for _ in range(1000)]
    writer.close()
    assert len({message["id"] for message in found}) == 1000
