"""The operator page in a browser: log in, find, resolve, hold, release, and follow an order live."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from baton.gateway.ops import inbox
from baton.gateway.pay import stream
from tests.browser import violations
from tests.end_to_end.held_orders import follow_holds
from tests.end_to_end.world import World
from tests.gateway.ops.conftest import Desk
from tests.gateway.ops.operators import TOKENS
from tests.gateway.ops.test_pages import PAGES, completed, in_the_ledger, with_two_deposits

LAPTOP = {"viewport": {"width": 1280, "height": 800}}
SOON = 15_000
"""Milliseconds within which a change must have reached the page."""


@pytest.fixture(autouse=True)
def looks_follow_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the streams look often, so that no test waits for the next look."""
    monkeypatch.setattr(stream, "LOOK_EVERY", 0.3)
    monkeypatch.setattr(inbox, "LOOK_EVERY", 0.3)


@pytest.fixture(scope="module")
async def laptop(browser: Browser, desk: Desk) -> AsyncIterator[Page]:
    """Log in once; the tests share the page, because a new one costs more than what most of them do with it."""
    async with logged_in(browser, desk) as page:
        yield page


@asynccontextmanager
async def logged_in(browser: Browser, desk: Desk, **options: Any) -> AsyncIterator[Page]:
    """Log in with a browser that has nothing of the others."""
    context = await browser.new_context(**{**LAPTOP, **options})
    try:
        page = await context.new_page()
        async with watched(page, desk):
            await page.goto(f"{desk.url}/ops")
            await page.get_by_label("Token").fill(TOKENS["ada"])
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("heading", level=1)).to_contain_text("Inbox")
            yield page
    finally:
        await context.close()


@asynccontextmanager
async def at_work(page: Page, desk: Desk) -> AsyncIterator[Page]:
    """Begin at the inbox."""
    async with watched(page, desk):
        await page.goto(f"{desk.url}/ops")
        yield page


@asynccontextmanager
async def watched(page: Page, desk: Desk) -> AsyncIterator[None]:
    """At the end, the page must have asked nobody else for anything, and nothing of it was forbidden."""
    requests: list[str] = []
    complaints: list[str] = []
    listeners: dict[str, Callable[[Any], None]] = {
        "request": lambda request: requests.append(request.url),
        "console": lambda line: complaints.append(line.text) if line.type == "error" else None,
        "pageerror": lambda error: complaints.append(str(error)),
    }
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload]
    try:
        yield
        assert [url for url in requests if not url.startswith((f"{desk.url}/ops", "data:"))] == []
        assert complaints == []
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)


async def test_an_operator_finds_an_order_by_its_transaction(desk: Desk, world: World, laptop: Page) -> None:
    placed = await world.place()
    proof = await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)
    await in_the_ledger(world, placed, outcome="completed")
    async with at_work(laptop, desk) as page:
        await page.get_by_role("searchbox").fill(str(proof.tx_hash))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_contain_text(placed.reference)
        await expect(page.locator(".timeline .end").first).to_contain_text("ended: completed")


async def test_an_attention_is_resolved_with_a_note(desk: Desk, world: World, laptop: Page) -> None:
    placed = await with_two_deposits(world)
    async with at_work(laptop, desk) as page:
        row = page.get_by_role("row").filter(has_text=placed.reference)
        await row.locator("summary").click()
        await row.get_by_label("Note").fill("asked Orchestra to return it")
        await row.locator("details button").click()
        await expect(page.locator(".done")).to_have_text("Resolved.")
        assert [line.note for line in (await world.snapshot(placed)).resolutions] == ["asked Orchestra to return it"]
        await in_the_ledger(world, placed, attention=None)
        await page.reload()
        await expect(row).to_have_count(0)


async def test_a_route_is_held_and_released_again(desk: Desk, world: World, laptop: Page) -> None:
    await follow_holds(world)
    async with at_work(laptop, desk) as page:
        await page.get_by_role("link", name="Holds").click()
        await page.get_by_label("Route").fill("base/USDC>spark/BTC")
        await page.get_by_label("Why; operators").fill("prices look wrong")
        await page.get_by_role("button", name="Hold").click()
        await expect(page.locator(".done")).to_have_text("It is on hold.")
        placed = await world.place()
        await world.deposit_and_report(placed)
        await page.goto(f"{desk.url}/ops/orders/default/{placed.reference}")
        await expect(page.locator(".now")).to_contain_text("prices look wrong", timeout=SOON)

        await page.goto(f"{desk.url}/ops/holds")
        await page.get_by_role("row").filter(has_text="prices look wrong").get_by_role("link", name="Release").click()
        await page.get_by_label("Orders per second").fill("20")
        await page.get_by_label("Why it is released").fill("prices are right again")
        await page.get_by_role("button", name="Release").click()
        await expect(page.locator(".done")).to_contain_text("It is released.")
        await world.baton.wait(placed.reference)


async def test_a_timeline_is_followed_until_the_order_completes(desk: Desk, world: World, laptop: Page) -> None:
    placed = await world.place(scenario="stepped")
    async with at_work(laptop, desk) as page:
        await page.goto(f"{desk.url}/ops/orders/default/{placed.reference}")
        await expect(page.locator(".now")).to_contain_text("Waits for a deposit")
        await world.deposit_and_report(placed)
        await expect(page.locator("h1 .badge")).to_have_text("processing", timeout=SOON)
        order_id = (await world.until(placed, phase="tracking")).order_id
        for status in ("bridging", "swapping", "delivering", "completed"):
            await world.sandbox.advance(str(order_id), status)
        await expect(page.locator("h1 .badge")).to_have_text("completed", timeout=SOON)
        await expect(page.locator(".timeline")).to_contain_text("status delivering")
        await expect(page.locator("#news")).to_contain_text("Ended: completed")


async def test_an_update_takes_nothing_away_from_the_keyboard(desk: Desk, world: World, laptop: Page) -> None:
    placed = await world.place(scenario="stepped")
    async with at_work(laptop, desk) as page:
        await page.goto(f"{desk.url}/ops/orders/default/{placed.reference}")
        await page.get_by_role("link", name="Cancel").focus()
        await world.deposit_and_report(placed)
        await expect(page.locator("#changed")).to_be_visible(timeout=SOON)
        await expect(page.get_by_role("link", name="Cancel")).to_be_focused()
        await page.get_by_role("link", name="Something has changed").click()
        await expect(page.locator("h1 .badge")).to_have_text("processing")


async def test_the_inbox_says_that_others_need_a_person(desk: Desk, world: World, laptop: Page) -> None:
    async with at_work(laptop, desk) as page:
        placed = await with_two_deposits(world)
        await page.get_by_role("link", name="Something has changed").click(timeout=SOON)
        await expect(page.get_by_role("row").filter(has_text=placed.reference)).to_have_count(1)


async def test_all_rows_are_ticked_at_once(desk: Desk, world: World, laptop: Page) -> None:
    for _ in range(2):
        await with_two_deposits(world)
    async with at_work(laptop, desk) as page:
        await page.goto(f"{desk.url}/ops?reason=second_deposit")
        await page.get_by_label("Choose all on this page").check()
        ticked = await page.locator('input[name="order"]:checked').count()
        assert ticked >= 2
        await page.locator("#bulk").get_by_role("button", name="Read now").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(f"Read now: {ticked} orders")


async def test_without_scripts_the_page_does_its_work(desk: Desk, world: World, browser: Browser) -> None:
    placed = await with_two_deposits(world)
    async with logged_in(browser, desk, java_script_enabled=False) as page:
        row = page.get_by_role("row").filter(has_text=placed.reference)
        await row.get_by_role("button", name="Read now").click()
        await expect(page.locator(".done")).to_have_text("The order was read at Orchestra.")
        await page.get_by_role("button", name="Log out").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Log in to Baton")


async def test_no_barrier_is_found(desk: Desk, world: World, browser: Browser, laptop: Page) -> None:
    ended, attended = await completed(world), await with_two_deposits(world)
    order = f"/ops/orders/default/{attended.reference}"
    own = (order, f"/ops/orders/default/{ended.reference}", *(f"{order}/acts/{act}" for act in ("resolve", "close")))
    async with at_work(laptop, desk) as page:
        for path in (*PAGES, *own, "/ops/find?id=nobody"):
            await page.goto(f"{desk.url}{path}")
            assert await violations(page) == [], path
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{desk.url}/ops/login")
    assert await violations(page) == []
    await context.close()


async def test_the_page_fits_on_a_small_screen(desk: Desk, world: World, browser: Browser) -> None:
    placed = await with_two_deposits(world)
    async with logged_in(browser, desk, viewport={"width": 420, "height": 800}) as page:
        for path in ("/ops", f"/ops/orders/default/{placed.reference}"):
            await page.goto(f"{desk.url}{path}")
            assert await page.evaluate("document.documentElement.scrollWidth") <= 420, path
            assert re.search(placed.reference, await page.content())
