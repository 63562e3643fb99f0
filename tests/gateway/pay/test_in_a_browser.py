"""The payer page in a browser, while an order is placed, paid, completed, refunded, paid short, or expires."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import product
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from baton.gateway.pay import stream
from baton.orders.answers import Placement
from baton.orders.models import Outcome
from tests.browser import violations
from tests.gateway.pay.conftest import Pages, running_pages

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
SECOND_LOOK = 10_000
"""Milliseconds within which a change must have reached the page: before it looks by itself."""


@pytest.fixture(autouse=True)
def looks_follow_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the stream look often, so that no test waits for the next look."""
    monkeypatch.setattr(stream, "LOOK_EVERY", 0.3)


async def onramp(pages: Pages) -> Placement:
    """Place an order that is paid in a payment app."""
    document = pages.world.document(kind="onramp", destinationAsset="USDB", amountFiatUsd="25.00")
    for name in ("sourceChain", "sourceAsset", "amount"):
        del document[name]
    return await pages.world.baton.place(document)


@asynccontextmanager
async def opened(browser: Browser, link: str, **options: Any) -> AsyncIterator[Page]:
    """Open a page; at the end, it must have asked nobody else for anything, and nothing of it was forbidden."""
    context = await browser.new_context(**{**DESKTOP, **options})
    page = await context.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        await page.goto(link)
        yield page
        own = f"{link.rpartition('/pay/')[0]}/pay/"
        assert [url for url in requests if not url.startswith((own, "data:"))] == []
        assert complaints == []
    finally:
        await context.close()


async def says(page: Page, title: str) -> None:
    await expect(page.locator("h1")).to_have_text(title, timeout=SECOND_LOOK)


async def test_an_order_is_followed_from_its_price_to_its_delivery(pages: Pages, browser: Browser) -> None:
    placed = await pages.world.place(scenario="stepped")
    async with opened(browser, pages.link(placed.reference)) as page:
        await says(page, "Pay 100 USDC")
        assert placed.deposit_address is not None
        await expect(page.locator("#address")).to_have_text(placed.deposit_address)
        await expect(page.locator(".countdown time")).to_have_text(re.compile(r"^[0-2]:[0-5][0-9]$"))
        await expect(page.locator(".afterwards")).to_contain_text("After that you can still pay to this address until")

        await pages.world.deposit_and_report(placed)
        await says(page, "Your payment was seen")
        assert await page.locator("#address").count() == 0
        tracked = await pages.world.until(placed, phase="tracking")
        assert tracked.order_id is not None
        for _ in ("bridging", "swapping", "delivering", "completed"):
            await pages.world.sandbox.advance(tracked.order_id)

        await says(page, "Paid and delivered")
        await expect(page.locator(".head p")).to_have_text(re.compile(r"BTC arrived at the recipient"))
        await expect(page.locator("#news")).to_have_text("Paid and delivered")
        await expect(page.locator("dd a").first).to_have_attribute("href", re.compile("^https://basescan.org/tx/0x"))
        assert await page.locator(".steps .done").count() == await page.locator(".steps li").count()


async def test_an_order_that_expires_says_not_to_pay(pages: Pages, browser: Browser) -> None:
    placed = await pages.world.place(policy={"onQuoteExpiry": "expire"})
    async with opened(browser, pages.link(placed.reference)) as page:
        await expect(page.locator(".afterwards")).to_have_text(re.compile("please do not pay any more"))
        await pages.world.pass_expiry(placed)
        await says(page, "The time to pay is over")
        await expect(page.locator(".head p")).to_contain_text("Please do not pay any more")
        assert await page.locator(".qr").count() == 0


async def test_an_order_paid_short_says_how_much_arrived(pages: Pages, browser: Browser) -> None:
    placed = await pages.world.place()
    await pages.world.deposit_and_report(placed, amount=90_000_000)
    await pages.world.baton.wait(placed.reference)
    async with opened(browser, pages.link(placed.reference)) as page:
        await says(page, "Paid and delivered")
        note = "90 USDC came in, and 100 USDC was asked."
        await expect(page.locator(".note")).to_have_text(note)


async def test_a_refunded_order_says_what_came_back(pages: Pages, browser: Browser) -> None:
    placed = await pages.world.place(scenario="refunded")
    async with opened(browser, pages.link(placed.reference)) as page:
        await pages.world.deposit_and_report(placed)
        assert (await pages.world.baton.wait(placed.reference)).outcome is Outcome.REFUNDED
        await says(page, "Your money was returned")
        await expect(page.locator(".head p")).to_contain_text("USDC went back on Base")
        await expect(page.locator(".steps li").last).to_contain_text("Returned")


async def test_an_onramp_is_a_button_on_a_phone_and_a_code_on_a_desk(pages: Pages, browser: Browser) -> None:
    placed = await onramp(pages)
    assert placed.page is not None
    link = pages.link(placed.reference)
    async with opened(browser, link, **PHONE) as phone:
        await expect(phone.locator(".button")).to_be_visible()
        await expect(phone.locator(".button")).to_have_attribute("href", placed.page.deeplink or "")
        await expect(phone.locator(".qr")).to_be_hidden()
    async with opened(browser, link) as desk:
        await expect(desk.locator(".button")).to_be_hidden()
        await expect(desk.locator(".qr")).to_be_visible()


async def test_nothing_is_wider_than_the_smallest_phone(pages: Pages, browser: Browser) -> None:
    placed = await pages.world.place()
    async with running_pages(pages.world, page_name="Wirtschaftsprüfungs" * 4) as long_names:
        link = long_names.link(placed.reference)
        async with opened(browser, link, viewport={"width": 320, "height": 640}) as page:
            assert await page.evaluate("document.documentElement.scrollWidth") == 320


async def test_a_printed_page_has_the_address_and_no_buttons(pages: Pages, browser: Browser) -> None:
    placed = await pages.world.place()
    async with opened(browser, pages.link(placed.reference)) as page:
        await page.emulate_media(media="print")
        await expect(page.locator("#address")).to_be_visible()
        await expect(page.locator(".code svg")).to_be_visible()
        assert await page.locator("button:visible").count() == 0


async def test_without_scripts_the_static_part_stands(pages: Pages, browser: Browser) -> None:
    placed = await pages.world.place()
    async with opened(browser, pages.link(placed.reference), java_script_enabled=False) as page:
        await expect(page.locator("h1")).to_have_text("Pay 100 USDC")
        await expect(page.locator("#address")).to_be_visible()
        await expect(page.locator(".qr")).to_be_visible()
        await expect(page.locator(".copy").first).to_be_hidden()
        await expect(page.locator(".until .static")).to_be_visible()
        assert 'http-equiv="refresh"' in await page.content()


async def test_no_barrier_is_found(pages: Pages, browser: Browser) -> None:
    waiting, ended = await pages.world.place(), await pages.world.place()
    await pages.world.deposit_and_report(ended)
    await pages.world.baton.wait(ended.reference)
    for placed, device in product((waiting, ended), (PHONE, DESKTOP)):
        async with opened(browser, pages.link(placed.reference), **device) as page:
            await page.wait_for_load_state()
            assert await violations(page) == [], device


async def test_the_keyboard_copies_the_address(pages: Pages, browser: Browser) -> None:
    placed = await pages.world.place()
    async with opened(browser, pages.link(placed.reference), permissions=["clipboard-read", "clipboard-write"]) as page:
        copy = page.locator('[data-copy="address"]')
        await copy.focus()
        await page.keyboard.press("Enter")
        await expect(copy).to_have_text("Copied")
        assert await page.evaluate("navigator.clipboard.readText()") == placed.deposit_address
