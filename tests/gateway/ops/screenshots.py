"""Pictures of the operator page for its documentation, of real orders: `python -m tests.gateway.ops.screenshots`."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, Page

from baton.orders.after_close import raise_after_close
from baton.orders.answers import Placement
from baton.orders.rules.attention import attention_of
from tests.browser import chromium
from tests.end_to_end.held_orders import follow_holds
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.gateway.ops.conftest import Desk, running_desk
from tests.gateway.ops.operators import TOKENS
from tests.gateway.ops.planted_orders import plant
from tests.paths import ROOT
from tests.temporal_server import temporal_server

FOLDER = ROOT / "docs" / "images" / "ops"
LAPTOP = {"width": 1280, "height": 800}
OTHER_ASSET = "0x6b175474e89094c44da98b954eedeac495271d0f"


async def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            temporal_server() as environment,
            running_world(environment, Path(folder)) as world,
            running_desk(world) as desk,
            chromium() as browser,
        ):
            ended = await play(world)
            await plant(world.ledger)
            await draw_all(desk, browser, ended)


async def play(world: World) -> Placement:
    """Place orders of each kind; return one that has ended."""
    done = await world.place(reference="invoice-41", metadata={"cart": "7"})
    await world.deposit_and_report(done)
    await world.baton.wait(done.reference)
    for number, amount in enumerate(("250 USDC", "1200 USDC", "75.5 USDC"), 50):
        waiting = await world.place(reference=f"invoice-{number}", amount=amount, scenario="stepped")
        await world.deposit_and_report(waiting)
        await world.until(waiting, phase="tracking")
    for number in (60, 61, 62):
        twice = await world.place(reference=f"invoice-{number}", amount=f"{number * 10} USDC", scenario="stepped")
        await world.deposit_and_report(twice)
        await world.until(twice, phase="tracking")
        await world.deposit_and_report(twice)
    late = attention_of("late_deposit", "40 USDC came after the order had ended", datetime.now(UTC))
    await raise_after_close(world.environment.client, done.workflow_id, late)
    asked = await world.place(reference="invoice-65", scenario="reprice_pending")
    await world.deposit_and_report(asked)
    await world.until(asked, status="awaiting_approval")
    await follow_holds(world)
    await world.baton.hold("submits", reason="the node of Base is behind", route="base/USDC")
    held = await world.place(reference="invoice-66", amount="300 USDC")
    await world.deposit_and_report(held)
    await eventually(lambda: world.ledger.order(held.workflow_id), lambda row: row is not None and row.hold)
    await eventually(lambda: world.baton.attended_orders([done.workflow_id]))
    await eventually(lambda: world.ledger.queues.attended(None, []), lambda found: len(found) == 3)
    for number in (70, 71):
        await world.place(reference=f"invoice-{number}")
    return done


async def draw_all(desk: Desk, browser: Browser, ended: Placement) -> None:
    """Draw each page."""
    async with logged_in(desk, browser, "light") as page:
        await draw(page, desk, "/ops", "inbox-light")
        await draw(page, desk, "/ops/waiting?for=orchestra", "waiting-light")
        await draw(page, desk, "/ops/holds", "holds-light")
        await draw(page, desk, "/ops/orders/default/invoice-65/acts/reprice", "reprice-light")
        await draw(page, desk, "/ops/orders", "orders-light")
        await draw(page, desk, f"/ops/orders/default/{ended.reference}", "order-light")
        await draw(page, desk, "/ops/orders/default/invoice-60", "order-attention-light")
        await draw(page, desk, "/ops/orders/default/invoice-60/acts/close", "close-light")
        await draw(page, desk, "/ops/health", "health-light")
        await draw(page, desk, "/ops/figures", "figures-light")
        await draw(page, desk, "/ops/figures?period=30d", "figures-month-light")
    async with logged_in(desk, browser, "dark") as page:
        await draw(page, desk, "/ops", "inbox-dark")
        await draw(page, desk, "/ops/health", "health-dark")
        await draw(page, desk, "/ops/figures", "figures-dark")
        await draw(page, desk, f"/ops/orders/default/{ended.reference}", "order-dark")


@asynccontextmanager
async def logged_in(desk: Desk, browser: Browser, scheme: str) -> AsyncIterator[Page]:
    """Open the page and log in."""
    context = await browser.new_context(viewport=LAPTOP, color_scheme=scheme)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{desk.url}/ops/login")
    if scheme == "light":
        await page.screenshot(path=FOLDER / "login-light.png")
    await page.fill("#token", TOKENS["ada"])
    await page.press("#token", "Enter")
    await page.wait_for_url(f"{desk.url}/ops")
    yield page
    await context.close()


async def draw(page: Page, desk: Desk, path: str, name: str) -> None:
    """Write the picture of one page."""
    await page.goto(f"{desk.url}{path}")
    await page.wait_for_timeout(200)
    await page.screenshot(path=FOLDER / f"{name}.png", full_page=True, animations="disabled")


if __name__ == "__main__":
    asyncio.run(main())
