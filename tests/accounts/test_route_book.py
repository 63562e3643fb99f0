"""Routes and limits are requested rarely, and refuse nothing that only the API can decide."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from baton.accounts import route_book
from baton.accounts.route_book import FRESH, FRESH_FOR_REFUSAL, RETRY_PAUSE, RouteBook
from baton.local.sandbox.control import SandboxControl
from baton.orchestra.client import OrchestraClient
from baton.orchestra.models import QuoteRequest
from baton.orchestra.rules.routes import ListedContract
from baton.settings import PartnerAccount
from tests.end_to_end.world import USDC_TO_BTC
from tests.sandbox_server import running_sandbox


def order(**fields: Any) -> QuoteRequest:
    return QuoteRequest.model_validate({**USDC_TO_BTC, **fields})


IMPOSSIBLE = order(destinationAsset="DOGE")


@dataclass
class BookDesk:
    """A route book with a sandbox and its own clock."""

    book: RouteBook
    client: OrchestraClient
    control: SandboxControl
    now: float = 1000.0

    async def objection(self, request: QuoteRequest, account: str = "default") -> str | None:
        """Return the code of the objection to an order, if any."""
        objection = await self.book.objection(account, self.client, request)
        return objection.code if objection else None

    async def requests(self, endpoint: str) -> int:
        """Return how many requests an endpoint received."""
        return len(await self.control.requests(endpoint))


@asynccontextmanager
async def open_desk() -> AsyncIterator[BookDesk]:
    async with running_sandbox() as (url, control), OrchestraClient(url, "fn_sandbox", timeout=5) as client:
        accounts = {
            "default": PartnerAccount(name="default", base_url=url),
            "twin": PartnerAccount(name="twin", base_url=url),
            "free": PartnerAccount(name="free", base_url=url, check_routes=False),
        }
        desk = BookDesk(RouteBook(accounts, clock=lambda: desk.now), client, control)
        yield desk


async def test_a_hundred_orders_at_once_make_one_request() -> None:
    async with open_desk() as desk:
        objections = await asyncio.gather(*(desk.objection(order()) for _ in range(100)))
        assert objections == [None] * 100
        assert (await desk.requests("routes"), await desk.requests("limits")) == (1, 1)


async def test_accounts_of_the_same_api_share_its_answers() -> None:
    async with open_desk() as desk:
        await desk.objection(order())
        await desk.objection(order(), "twin")
        assert (await desk.requests("routes"), await desk.requests("limits")) == (1, 1)


async def test_an_answer_is_requested_again_after_an_hour() -> None:
    async with open_desk() as desk:
        await desk.objection(order())
        desk.now += FRESH
        await desk.objection(order())
        assert (await desk.requests("routes"), await desk.requests("limits")) == (1, 1)
        desk.now += 1
        await desk.objection(order())
        assert (await desk.requests("routes"), await desk.requests("limits")) == (2, 2)


async def test_an_impossible_order_is_refused_with_the_apis_code() -> None:
    async with open_desk() as desk:
        assert await desk.objection(IMPOSSIBLE) == "unsupported_route"
        assert await desk.objection(order(amountMode="exact_out")) == "unsupported_amount_mode"
        assert await desk.objection(order(amount="1")) == "amount_too_small"
        assert await desk.objection(order(amount="9" * 30)) == "amount_too_large"


async def test_a_cached_refusal_is_checked_again_after_some_minutes() -> None:
    async with open_desk() as desk:
        await desk.objection(IMPOSSIBLE)
        desk.now += FRESH_FOR_REFUSAL
        await desk.objection(IMPOSSIBLE)
        assert await desk.requests("routes") == 1
        desk.now += 1
        assert await desk.objection(IMPOSSIBLE) == "unsupported_route"
        assert await desk.requests("routes") == 2


async def test_the_old_list_stays_when_a_new_one_cannot_be_read() -> None:
    async with open_desk() as desk:
        await desk.objection(order())
        desk.now += FRESH + 1
        await desk.control.fault("routes", "error", status=503, code="service_unavailable", times=9)
        assert await desk.objection(IMPOSSIBLE) == "unsupported_route"
        assert await desk.objection(order()) is None
        assert await desk.requests("routes") == 2


async def test_old_limits_refuse_nothing() -> None:
    async with open_desk() as desk:
        assert await desk.objection(order(amount="1")) == "amount_too_small"
        desk.now += FRESH_FOR_REFUSAL + 1
        await desk.control.fault("limits", "error", status=503, code="service_unavailable", times=9)
        assert await desk.objection(order(amount="1")) is None


async def test_without_an_answer_an_order_passes_and_the_next_call_waits() -> None:
    async with open_desk() as desk:
        for endpoint in ("routes", "limits"):
            await desk.control.fault(endpoint, "error", status=503, code="service_unavailable", times=9)
        for _ in range(3):
            assert await desk.objection(IMPOSSIBLE) is None
        assert (await desk.requests("routes"), await desk.requests("limits")) == (1, 1)
        desk.now += RETRY_PAUSE
        await desk.objection(IMPOSSIBLE)
        assert await desk.requests("routes") == 2


async def test_an_order_waits_for_routes_no_longer_than_its_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(route_book, "TIMEOUT", 0.05)
    async with open_desk() as desk:
        fault = await desk.control.fault("routes", "timeout_before")
        assert await desk.objection(IMPOSSIBLE) is None
        await desk.control.release(fault)
        monkeypatch.setattr(route_book, "TIMEOUT", 10.0)
        assert await desk.objection(IMPOSSIBLE) == "unsupported_route"
        assert await desk.requests("routes") == 1


async def test_an_account_without_route_checks_requests_nothing() -> None:
    async with open_desk() as desk:
        assert await desk.objection(IMPOSSIBLE, "free") is None
        assert await desk.objection(IMPOSSIBLE, "nobody") is None
        assert await desk.requests("routes") == 0


async def test_a_full_cache_of_limits_drops_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route_book, "MAX_LIMITS", 1)
    async with open_desk() as desk:
        for request in (order(), order(destinationChain="bitcoin"), order()):
            await desk.objection(request)
        assert await desk.requests("limits") == 3


async def test_the_contracts_of_the_routes_share_the_answer_for_orders() -> None:
    async with open_desk() as desk:
        contracts = await desk.book.contracts("default", desk.client)
        await desk.objection(order())

        assert ListedContract("base", "cbBTC", "0xcbB7C0000aB88B473b1f5aFd9ef808440eed33Bf", 8) in contracts
        assert ("base", "ETH") not in {entry[:2] for entry in contracts}, "a native asset has none"
        assert len(contracts) == len(set(contracts))
        assert await desk.requests("routes") == 1
        assert await desk.book.contracts("free", desk.client) == []


async def test_decimals_are_known_once_the_routes_are_and_cost_no_request() -> None:
    async with open_desk() as desk:
        assert desk.book.decimals("default", "bsc:USDC") == {}
        await desk.objection(order())
        known = desk.book.decimals("default", "bsc:USDC", "base:USDC", "spark:USDB", "atlantis:DOGE", None)
        assert known == {"bsc:USDC": 18, "base:USDC": 6, "spark:USDB": 6}
        assert await desk.requests("routes") == 1


async def test_a_bare_symbol_has_decimals_only_if_every_chain_agrees() -> None:
    async with open_desk() as desk:
        await desk.objection(order())
        assert desk.book.decimals("default", "USDB", "USDC", "BTC") == {"USDB": 6, "BTC": 8}
