"""Pictures of the payer page for its documentation, of real orders: `python -m tests.gateway.pay.screenshots`."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from tests.browser import chromium
from tests.end_to_end.world import running_world
from tests.gateway.pay.conftest import Pages, running_pages
from tests.paths import ROOT
from tests.temporal_server import temporal_server

FOLDER = ROOT / "docs" / "images" / "payer-page"
PHONE, DESKTOP = {"width": 390, "height": 800}, {"width": 1000, "height": 700}
BUSINESS = {"page_name": "Harbour Coffee", "page_contact": "hello@harbour.example", "page_colour": "#0f766e"}


async def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            temporal_server() as environment,
            running_world(environment, Path(folder)) as world,
            running_pages(world, **BUSINESS) as pages,
            chromium() as browser,
        ):
            await draw_all(pages, browser)


async def draw_all(pages: Pages, browser: Browser) -> None:
    """Draw an order that waits, one on its way, and each end."""
    world = pages.world
    waiting = await world.place(reference="invoice-42")
    await draw(pages, browser, waiting.reference, "pay-desktop-light", DESKTOP, "light")
    await draw(pages, browser, waiting.reference, "pay-phone-dark", PHONE, "dark")
    moving = await world.place(reference="invoice-43", scenario="stepped")
    await world.deposit_and_report(moving)
    order_id = (await world.until(moving, phase="tracking")).order_id
    for status in ("bridging", "swapping"):
        await world.sandbox.advance(str(order_id), status)
    await world.until(moving, status="swapping")
    await draw(pages, browser, moving.reference, "on-its-way-phone-light", PHONE, "light")
    for number, scenario in enumerate(("happy", "refunded"), 44):
        ended = await world.place(reference=f"invoice-{number}", scenario=scenario)
        await world.deposit_and_report(ended, amount=90_000_000 if scenario == "happy" else None)
        await world.baton.wait(ended.reference)
        await draw(pages, browser, ended.reference, f"{scenario}-desktop-light", DESKTOP, "light")


async def draw(
    pages: Pages, browser: Browser, reference: str, name: str, viewport: dict[str, int], scheme: str
) -> None:
    """Write the picture of one order's page."""
    options: dict[str, Any] = {"viewport": viewport, "color_scheme": scheme, "is_mobile": viewport is PHONE}
    context = await browser.new_context(**options)
    page = await context.new_page()
    await page.goto(pages.link(reference))
    await page.wait_for_timeout(300)
    await page.screenshot(path=FOLDER / f"{name}.png", full_page=True, animations="disabled")
    await context.close()


if __name__ == "__main__":
    asyncio.run(main())
