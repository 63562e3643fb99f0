"""A Temporal server with its UI, Baton beside it, and one order of each kind to look at."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, Locator, Page

from baton.local.stack.ports import free_ports
from baton.orders.after_close import raise_after_close
from baton.orders.answers import Placement
from baton.orders.names import approval_workflow_id, attention_workflow_id, refund_workflow_id
from baton.orders.rules.attention import attention_of
from baton.orders.saved_queries import SavedQuery, saved_queries, workflow_link
from tests.end_to_end.test_refunds import refunding
from tests.end_to_end.test_zeroconf import BITCOIN, awaiting
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.temporal_server import temporal_server

LISTED = {
    "attention": {"overdue", "attention"},
    "refunds": {"refunding"},
    "late-money": {"attention"},
    "failed": {"failed"},
    "waiting-for-payer": {"unpaid"},
}
"""Which examples a saved query finds, by its name."""

_FOLLOW = """(main, link) => {
    const followed = document.createElement("a");
    followed.href = link;
    main.append(followed);
    followed.click();
    followed.remove();
}"""

LAPTOP = {"viewport": {"width": 1440, "height": 900}}


@dataclass(frozen=True)
class Gallery:
    """The orders of the gallery, and where to look at them.

    Attributes:
        world: All of Baton.
        ui_url: Where the Temporal UI is.
        ids: The workflow ids, by what each is an example of.
    """

    world: World
    ui_url: str
    ids: dict[str, str]

    @property
    def namespace(self) -> str:
        """The Temporal namespace."""
        return self.world.environment.client.namespace

    def list_link(self, query: SavedQuery) -> str:
        """Return the address of a saved query."""
        return query.link(self.ui_url, self.namespace)

    def link(self, kind: str) -> str:
        """Return the address of an example."""
        return workflow_link(self.ui_url, self.namespace, self.ids[kind])


@asynccontextmanager
async def running_gallery(folder: Path) -> AsyncIterator[Gallery]:
    """Run everything, and have one order of each kind."""
    (port,) = free_ports(1)
    async with temporal_server(ui_port=port) as temporal, running_world(temporal, folder) as world:
        gallery = Gallery(world, f"http://127.0.0.1:{port}", await _examples(world))
        for query in saved_queries():
            await eventually(lambda: _missing(gallery, query), lambda missing: not missing)  # noqa: B023 - awaited here
        yield gallery


async def visit(page: Page, link: str) -> None:
    """Open a page of the UI; once the UI runs, it follows the link itself and is not loaded and compiled again."""
    if page.url == "about:blank":
        await page.goto(link)
    else:
        await page.get_by_role("main").evaluate(_FOLLOW, link)
        await page.wait_for_url(lambda url: url.startswith(link))


async def open_details(page: Page, link: str) -> None:
    """Open the tab of a workflow in which its summary, details and current details are."""
    await visit(page, link)
    await (
        page.get_by_role("link", name="User Metadata").or_(page.get_by_role("tab", name="User Metadata")).first.click()
    )
    await page.get_by_text("Current Details").first.wait_for()


def current_details(page: Page) -> Locator:
    """Return the current details; each part of the tab is a frame, and they are the last."""
    return page.frame_locator("iframe").last.locator("body")


@asynccontextmanager
async def looking(browser: Browser) -> AsyncIterator[Page]:
    """Open an empty page, large enough for what the UI shows."""
    context = await browser.new_context(**LAPTOP)
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def _missing(gallery: Gallery, query: SavedQuery) -> set[str]:
    """Return which examples a query should find and does not, because lists lag behind."""
    listed = {one.id async for one in gallery.world.environment.client.list_workflows(query.query)}
    return {gallery.ids[kind] for kind in LISTED.get(query.name, ())} - listed


async def _examples(world: World) -> dict[str, str]:
    orders = (_unpaid, _completed, _overdue, _refunding, offered_order, _late, _failed)
    made = await asyncio.gather(*(order(world) for order in orders))
    unpaid, completed, overdue, refunded, offered, late, failed = made
    return {
        "unpaid": unpaid.workflow_id,
        "completed": completed.workflow_id,
        "overdue": overdue.workflow_id,
        "refunding": refunded.workflow_id,
        "refund": refund_workflow_id(refunded.workflow_id),
        "asks": offered.workflow_id,
        "approval": await approval_of(world, offered),
        "late": late.workflow_id,
        "attention": attention_workflow_id(late.workflow_id),
        "failed": failed.workflow_id,
    }


async def approval_of(world: World, placed: Placement) -> str:
    """Return the id of the approval workflow of an order's offer."""
    snapshot = await world.snapshot(placed)
    return approval_workflow_id(placed.workflow_id, snapshot.records["zeroconfOffer"]["quoteId"])


async def _unpaid(world: World) -> Placement:
    return await world.place(reference="invoice-42")


async def _completed(world: World) -> Placement:
    placed = await world.place(reference="invoice-43", scenario="stepped")
    await world.deposit_and_report(placed)
    order_id = (await world.until(placed, status="processing")).order_id
    for status in ("bridging", "swapping", "delivering", "completed"):
        await world.sandbox.advance(order_id, status)
        await asyncio.sleep(0.3)  # apart from each other, so that each is a row
    await world.baton.wait(placed.reference)
    return placed


async def _overdue(world: World) -> Placement:
    placed = await world.place(reference="invoice-44", scenario="stepped")
    await world.deposit_and_report(placed)
    order_id = (await world.until(placed, status="processing")).order_id
    await world.sandbox.advance(order_id, "swapping")
    await world.until(placed, status="swapping")
    await world.advance(placed, hours=2)
    return placed


async def _refunding(world: World) -> Placement:
    placed, _ = await refunding(world, reference="invoice-45")
    return placed


async def offered_order(world: World, reference: str = "invoice-46") -> Placement:
    """Return an order whose ZeroConf offer waits for the business; within a minute, its policy answers."""
    policy = {"zeroconf": {"mode": "ask"}}
    placed = await world.place(reference=reference, scenario="zeroconf_offer", **{**BITCOIN, "policy": policy})
    await world.deposit_and_report(placed)
    await awaiting(world, placed)
    return placed


async def _late(world: World) -> Placement:
    placed = await world.place(reference="invoice-47")
    await world.baton.cancel(placed.reference)
    transfer = f"100 USDC in 0x{'ab' * 32}"
    message = f"the order is cancelled, and a deposit came to its address: {transfer}; it is not submitted"
    await raise_after_close(
        world.environment.client, placed.workflow_id, attention_of("late_deposit", message, datetime.now(UTC))
    )
    return placed


async def _failed(world: World) -> Placement:
    wrong = "0x0000000000000000000000000000000000000001"
    return await world.refused(world.document(reference="invoice-48", recipientAddress=wrong))
