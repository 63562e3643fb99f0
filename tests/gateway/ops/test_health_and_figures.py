"""The pages of health and of figures, over HTTP and in a browser."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from baton.gateway import short_memory
from baton.gateway.ops import refresh
from baton.holds.models import HeldCalls
from tests.browser import violations
from tests.end_to_end.world import World
from tests.eventually import eventually
from tests.gateway.ops.conftest import Desk
from tests.gateway.ops.operators import TOKENS, OperatorBrowser

PAGES = ("/ops/health", "/ops/figures", "/ops/figures?period=7d", "/ops/figures?period=30d")


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count anew for each look, so that a test sees what it did."""
    monkeypatch.setattr(short_memory.ShortMemory, "get", lambda _, __, ___, answer: answer())


async def delivered(world: World) -> None:
    """Place an order and wait until the ledger has its end."""
    placed = await world.place()
    await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)

    async def ended() -> bool:
        row = await world.ledger.order(placed.workflow_id)
        return row is not None and row.delivery_ms is not None

    await eventually(ended)


async def logged_in(browser: Browser, desk: Desk) -> Page:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.goto(f"{desk.url}/ops/login")
    await page.fill("#token", TOKENS["ada"])
    await page.press("#token", "Enter")
    await page.wait_for_url(f"{desk.url}/ops")
    return page


async def test_an_order_is_counted_with_its_route_and_time(ada: OperatorBrowser, world: World) -> None:
    await delivered(world)
    text = await ada.read("/ops/figures")

    assert re.search(r"base:USDC → spark:BTC: p50 [0-9.]+ s, p95 [0-9.]+ s, [0-9]+ orders?", text)
    assert re.search(r"UTC: started [0-9]+, completed [0-9]+", text)


async def test_open_orders_lead_to_the_one_that_waits_longest(ada: OperatorBrowser, world: World) -> None:
    placed = await world.place()

    async def link() -> bool:
        return "/ops/orders/default/" in (await ada.http.get("/ops/figures")).text

    await eventually(link)
    assert "awaiting deposit" in await ada.read("/ops/figures")
    assert placed.reference


async def test_health_names_accounts_queues_and_versions(ada: OperatorBrowser) -> None:
    text = await ada.read("/ops/health")

    assert "baton-poll-default" in text
    assert "no worker serves baton-partner-shop and baton-poll-shop" in text
    assert "For orders that means: orders of this account are not submitted or read at Orchestra." in text
    assert "What mends it: start `baton worker`" in text


async def test_a_hold_is_shown_with_how_to_release_it(ada: OperatorBrowser, world: World) -> None:
    held = await world.baton.hold(HeldCalls.SUBMITS, reason="the node of Base lags", route="base")
    try:
        text = await ada.read("/ops/health")
        assert "stops submits on base since" in text
        assert "the node of Base lags" in text
        assert "baton release" in text
    finally:
        await world.baton.release(held.hold.id, reason="it has caught up")


async def test_a_token_of_one_account_sees_that_account_alone(desk: Desk) -> None:
    async with desk.browser("shop") as shop:
        health, figures = await shop.read("/ops/health"), await shop.read("/ops/figures")

    assert "baton-poll-default" not in health
    assert "baton-poll-shop" in health
    assert "no order was delivered in this period" in figures
    assert "No order is open." in figures


async def test_an_unknown_period_is_the_shortest(ada: OperatorBrowser) -> None:
    page = await ada.http.get("/ops/figures", params={"period": "forever"})

    assert page.status_code == 200
    assert 'period=24h" aria-current="true"' in page.text


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_has_a_barrier_or_breaks_its_policy(desk: Desk, browser: Browser, path: str) -> None:
    page = await logged_in(browser, desk)
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    await page.goto(f"{desk.url}{path}")
    await expect(page.locator("main h2").first).to_be_visible()
    for summary in await page.locator("details.figures > summary, .drawing summary").all():
        await summary.click()

    assert await violations(page) == []
    assert complaints == []
    await page.context.close()


async def test_the_pages_refresh_themselves(
    desk: Desk, browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "EVERY", 1.0)
    page = await logged_in(browser, desk)
    await page.goto(f"{desk.url}/ops/figures")
    counted = await page.locator("#live time").first.inner_text()

    await expect(page.locator("#live time").first).not_to_have_text(counted, timeout=15_000)
    await page.context.close()
