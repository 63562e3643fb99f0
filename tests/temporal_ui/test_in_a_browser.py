"""An order's story is readable in the Temporal UI: in lists, on its timeline, in its details, and in its children."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from baton.orders.saved_queries import SavedQuery, saved_queries
from tests.temporal_ui.gallery import LISTED, Gallery, current_details, looking, open_details, running_gallery, visit

expect.set_options(timeout=20_000)

QUERIES = {query.name: query for query in saved_queries()}


@pytest.fixture(scope="module")
async def gallery(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gallery]:
    async with running_gallery(tmp_path_factory.mktemp("gallery")) as running:
        yield running


@pytest.fixture(scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """Yield one page for all tests, because a new one loads and compiles the whole UI again."""
    async with looking(browser) as opened:
        yield opened


@pytest.mark.parametrize("query", [QUERIES[name] for name in LISTED], ids=lambda query: query.name)
async def test_the_link_of_a_saved_query_lists_its_orders(gallery: Gallery, page: Page, query: SavedQuery) -> None:
    await visit(page, gallery.list_link(query))

    for kind in sorted(gallery.ids, key=lambda kind: kind not in LISTED[query.name]):
        expected = int(kind in LISTED[query.name])
        await expect(page.get_by_role("link", name=gallery.ids[kind], exact=True)).to_have_count(expected)


async def test_the_timeline_of_an_order_says_what_happened(gallery: Gallery, page: Page) -> None:
    await visit(page, gallery.link("completed"))

    for row in ("order.bridging", "order.swapping", "order.delivering", "order.completed"):
        await expect(page.get_by_text(row, exact=True).first).to_be_attached()
    await expect(page.get_by_text("read the order at Orchestra").first).to_be_attached()


async def test_the_history_of_an_order_has_its_calls_in_words(gallery: Gallery, page: Page) -> None:
    await visit(page, gallery.link("completed"))
    await page.get_by_text("Event History").first.click()

    for words in (
        "quote for 100 USDC on Base to BTC on Spark",
        "submit the deposit 0x",
        "write the order in the ledger",
    ):
        await expect(page.get_by_text(words).first).to_be_attached()


@pytest.mark.parametrize(
    ("kind", "summary", "texts"),
    [
        (
            "unpaid",
            "invoice-42: 100 USDC on Base to BTC on Spark",
            ["a deposit", "the payer", "100 USDC on Base", "operator page", "payer page"],
        ),
        (
            "overdue",
            "invoice-44: 100 USDC on Base to BTC on Spark",
            ["needs a person", "overdue: waiting for the swap", "an operator", "processing → swapping"],
        ),
        (
            "completed",
            "invoice-43: 100 USDC on Base to BTC on Spark",
            ["completed", "0.00103266 BTC on Spark", "0.1 USDC on Base"],
        ),
        ("failed", "invoice-48: 100 USDC on Base to BTC on Spark", ["failed", "recipient"]),
        (
            "refund",
            "invoice-45: refund of 100 USDC on Base",
            ["the refund of order ord_", "refunding", "Orchestra", "operator page"],
        ),
        (
            "approval",
            "invoice-46: ZeroConf offer for a deposit of 0.0025 BTC",
            ["the ZeroConf offer for order ord_", "0.0025 BTC", "operator page"],
        ),
        (
            "attention",
            "invoice-47: has ended and needs a person, late_deposit",
            ["late_deposit", "support to return or process the money", "operator page"],
        ),
    ],
)
async def test_an_order_and_its_children_say_what_who_and_until_when(
    gallery: Gallery, page: Page, kind: str, summary: str, texts: list[str]
) -> None:
    await open_details(page, gallery.link(kind))

    await expect(page.frame_locator("iframe").first.locator("body")).to_contain_text(summary)
    for text in texts:
        await expect(current_details(page)).to_contain_text(text)


async def test_an_order_that_failed_before_payment_is_red(gallery: Gallery, page: Page) -> None:
    await visit(page, gallery.link("failed"))

    await expect(page.get_by_role("main").get_by_role("status").first).to_contain_text("Failed")
