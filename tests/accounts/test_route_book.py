"""What can be ordered is asked for rarely, and never keeps from the API what only the API can decide."""

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
from baton.settings import PartnerAccount
from tests.end_to_end.world import USDC_TO_BTC
from tests.sandbox_server import running_sandbox


def order(**fields: Any) -> QuoteRequest:
    return QuoteRequest.model_validate({**USDC_TO_BTC, **fields})


IMPOSSIBLE = order(destinationAsset="DOGE")


@dataclass
class Desk:
    """A book beside a sandbox, with a clock of its own."""

    book: RouteBook
    client: OrchestraClient
    control: SandboxControl
    now: float = 1000.0

    async def objection(self, request: QuoteRequest, account: str = "default") -> str | None:
        """Return the code of what speaks against an order."""
        found = await self.book.objection(account, self.client, request)
        return found.code if found else None

    async def asked(self, endpoint: str) -> int:
        """Return how often an endpoint was asked."""
        return len(await self.control.requests(endpoint))


@asynccontextmanager
async def a_desk() -> AsyncIterator[Desk]:
    async with running_sandbox() as (url, control), OrchestraClient(url, "fn_sandbox", timeout=5) as client:
        accounts = {
            "default": PartnerAccount(name="default", base_url=url),
            "twin": PartnerAccount(name="twin", base_url=url),
            "free": PartnerAccount(name="free", base_url=url, check_routes=False),
        }
        desk = Desk(RouteBook(accounts, clock=lambda: desk.now), client, control)
        yield desk


async def test_a_hundred_orders_at_once_ask_once() -> None:
    async with a_desk() as desk:
        found = await asyncio.gather(*(desk.objection(order()) for _ in range(100)))
        assert found == [None] * 100
        assert (await desk.asked("routes"), await desk.asked("limits")) == (1, 1)


async def test_accounts_of_the_same_api_share_what_it_told() -> None:
    async with a_desk() as desk:
        await desk.objection(order())
        await desk.objection(order(), "twin")
        assert (await desk.asked("routes"), await desk.asked("limits")) == (1, 1)


async def test_within_an_hour_nothing_is_asked_again_and_after_it_once() -> None:
    async with a_desk() as desk:
        await desk.objection(order())
        desk.now += FRESH
        await desk.objection(order())
        assert (await desk.asked("routes"), await desk.asked("limits")) == (1, 1)
        desk.now += 1
        await desk.objection(order())
        assert (await desk.asked("routes"), await desk.asked("limits")) == (2, 2)


async def test_an_impossible_order_is_objected_to_in_the_apis_code() -> None:
    async with a_desk() as desk:
        assert await desk.objection(IMPOSSIBLE) == "unsupported_route"
        assert await desk.objection(order(amountMode="exact_out")) == "unsupported_amount_mode"
        assert await desk.objection(order(amount="1")) == "amount_too_small"
        assert await desk.objection(order(amount="9" * 30)) == "amount_too_large"


async def test_what_would_refuse_an_order_is_looked_at_again_once_it_is_some_minutes_old() -> None:
    async with a_desk() as desk:
        await desk.objection(IMPOSSIBLE)
        desk.now += FRESH_FOR_REFUSAL
        await desk.objection(IMPOSSIBLE)
        assert await desk.asked("routes") == 1
        desk.now += 1
        assert await desk.objection(IMPOSSIBLE) == "unsupported_route"
        assert await desk.asked("routes") == 2


async def test_the_old_list_stays_when_a_newer_one_cannot_be_had() -> None:
    async with a_desk() as desk:
        await desk.objection(order())
        desk.now += FRESH + 1
        await desk.control.fault("routes", "error", status=503, code="service_unavailable", times=9)
        assert await desk.objection(IMPOSSIBLE) == "unsupported_route"
        assert await desk.objection(order()) is None
        assert await desk.asked("routes") == 2


async def test_bounds_that_are_old_object_to_nothing() -> None:
    async with a_desk() as desk:
        assert await desk.objection(order(amount="1")) == "amount_too_small"
        desk.now += FRESH_FOR_REFUSAL + 1
        await desk.control.fault("limits", "error", status=503, code="service_unavailable", times=9)
        assert await desk.objection(order(amount="1")) is None


async def test_an_order_passes_where_nothing_can_be_asked_and_the_next_question_waits() -> None:
    async with a_desk() as desk:
        for endpoint in ("routes", "limits"):
            await desk.control.fault(endpoint, "error", status=503, code="service_unavailable", times=9)
        for _ in range(3):
            assert await desk.objection(IMPOSSIBLE) is None
        assert (await desk.asked("routes"), await desk.asked("limits")) == (1, 1)
        desk.now += RETRY_PAUSE
        await desk.objection(IMPOSSIBLE)
        assert await desk.asked("routes") == 2


async def test_an_order_waits_no_longer_than_its_patience_and_the_question_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(route_book, "TIMEOUT", 0.05)
    async with a_desk() as desk:
        held = await desk.control.fault("routes", "timeout_before")
        assert await desk.objection(IMPOSSIBLE) is None
        await desk.control.release(held)
        monkeypatch.setattr(route_book, "TIMEOUT", 10.0)
        assert await desk.objection(IMPOSSIBLE) == "unsupported_route"
        assert await desk.asked("routes") == 1


async def test_an_account_may_leave_everything_to_the_api() -> None:
    async with a_desk() as desk:
        assert await desk.objection(IMPOSSIBLE, "free") is None
        assert await desk.objection(IMPOSSIBLE, "nobody") is None
        assert await desk.asked("routes") == 0


async def test_the_limits_of_a_route_too_many_take_the_place_of_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route_book, "MAX_LIMITS", 1)
    async with a_desk() as desk:
        for request in (order(), order(destinationChain="bitcoin"), order()):
            await desk.objection(request)
        assert await desk.asked("limits") == 3
