"""Pictures of the Temporal UI for its documentation, of real orders: `python -m tests.temporal_ui.screenshots`."""

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Page

from baton.orders.saved_queries import SAVED, workflow_link
from tests.browser import chromium
from tests.paths import ROOT
from tests.temporal_ui.gallery import (
    Gallery,
    approval_of,
    current_details,
    looking,
    offered_order,
    open_details,
    running_gallery,
)

FOLDER = ROOT / "docs" / "images" / "temporal-ui"
DETAILS = ("unpaid", "overdue", "refund", "attention", "failed")


async def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with running_gallery(Path(folder)) as gallery, chromium() as browser, looking(browser) as page:
            await draw_all(gallery, page)


async def draw_all(gallery: Gallery, page: Page) -> None:
    """Draw a list, the timeline of an order, and the details of one of each kind."""
    await page.goto(gallery.list_link(SAVED[0]))
    await page.get_by_text(gallery.ids["overdue"], exact=True).first.wait_for()
    await draw(page, "needs-a-person")
    for kind in DETAILS:
        await draw_details(page, gallery.link(kind), kind)
    offer = await approval_of(gallery.world, await offered_order(gallery.world, "invoice-49"))
    await draw_details(page, workflow_link(gallery.ui_url, gallery.namespace, offer), "approval")
    await page.set_viewport_size({"width": 1440, "height": 1250})
    await page.goto(gallery.link("completed"))
    await page.get_by_text("order.completed", exact=True).first.wait_for()
    await draw(page, "timeline-completed")


async def draw_details(page: Page, link: str, kind: str) -> None:
    """Write the picture of a workflow's details."""
    await open_details(page, link)
    await current_details(page).get_by_role("table").wait_for()
    await draw(page, f"details-{kind}")


async def draw(page: Page, name: str) -> None:
    """Write the picture of what the page shows once it is at rest."""
    await page.wait_for_timeout(800)
    await page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    asyncio.run(main())
