"""What the payer page says over an order's life, over real HTTP, and what it keeps to itself."""

import asyncio
import re
from contextlib import AsyncExitStack

import httpx
import pytest
from pydantic import SecretStr

from baton.gateway.pay.render import ASSETS
from baton.orchestra.proofs import DepositProof
from tests.end_to_end.held_orders import WHY, follow_holds, held_order, hold, release_all
from tests.eventually import eventually
from tests.gateway.pay.conftest import Pages, running_pages


def heading(html: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", html)
    assert found is not None
    return found[1]


async def shown(pages: Pages, reference: str) -> str:
    response = await pages.http.get(pages.link(reference))
    assert response.status_code == 200
    return response.text


async def test_an_order_that_waits_says_what_to_send_where_and_until_when(pages: Pages) -> None:
    placed = await pages.world.place()
    html = await shown(pages, placed.reference)
    assert heading(html) == "Pay 100 USDC"
    assert placed.deposit_address in html
    assert "Send only USDC on Base" in html
    assert "This price is good until" in html
    assert "you can still pay to this address until" in html
    assert "<svg" in html
    assert "ethereum:0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913@8453/transfer" in html
    assert placed.reference in html
    assert "help@ada.example" in html


@pytest.mark.parametrize(
    ("scenario", "title", "step"),
    [("happy", "Paid and delivered", "Arrived"), ("refunded", "Your money was returned", "Returned")],
)
async def test_a_paid_order_is_shown_to_its_end(pages: Pages, scenario: str, title: str, step: str) -> None:
    placed = await pages.world.place(scenario=scenario)
    await pages.world.deposit_and_report(placed)
    await pages.world.until(placed, phase="closed")
    html = await eventually(lambda: shown(pages, placed.reference), lambda text: heading(text) == title)
    assert re.search(rf'<li class="done">{step}', html)
    assert "basescan.org/tx/0x" in html
    assert placed.deposit_address not in html
    assert "<script" not in html


async def test_a_short_payment_is_named_with_both_amounts(pages: Pages) -> None:
    placed = await pages.world.place()
    await pages.world.deposit_and_report(placed, amount=90_000_000)
    html = await eventually(lambda: shown(pages, placed.reference), lambda text: "90 USDC came in" in text)
    assert "and 100 USDC was asked" in html


async def test_a_paid_order_behind_a_hold_says_nothing_of_it_and_nothing_false(pages: Pages) -> None:
    await follow_holds(pages.world)
    await hold(pages.world)
    placed = await held_order(pages.world)
    html = await eventually(lambda: shown(pages, placed.reference), lambda text: "on its way" in heading(text))
    assert "being confirmed" not in re.sub(r"<li.*?</li>", "", html, flags=re.DOTALL)
    assert WHY not in html
    assert placed.deposit_address not in html
    await release_all(pages.world)


async def test_a_cancelled_order_asks_nobody_to_pay(pages: Pages) -> None:
    placed = await pages.world.place()
    await pages.world.baton.cancel(placed.reference)
    html = await eventually(lambda: shown(pages, placed.reference), lambda text: "cancelled" in heading(text))
    assert placed.deposit_address not in html
    assert "<svg" not in html


async def test_an_order_past_its_expiry_says_that_it_expired(pages: Pages) -> None:
    placed = await pages.world.place(policy={"onQuoteExpiry": "expire"})
    await pages.world.pass_expiry(placed)
    await pages.world.until(placed, outcome="expired")
    html = await eventually(lambda: shown(pages, placed.reference), lambda text: "is over" in heading(text))
    assert "Please do not pay any more" in html


async def test_an_onramp_opens_the_payment_app(pages: Pages) -> None:
    document = {
        "kind": "onramp",
        "reference": "page-onramp",
        "destinationChain": "spark",
        "destinationAsset": "USDB",
        "recipientAddress": pages.world.document()["recipientAddress"],
        "amountFiatUsd": "25.00",
    }
    placed = await pages.world.baton.place(document)
    html = await shown(pages, "page-onramp")
    assert "over Lightning" in heading(html)
    assert placed.page.deeplink.replace("&", "&amp;") in html
    assert "Open the payment app" in html


@pytest.mark.parametrize("token", ["nothing", "A" * 64, "x" * 3000, "%2e%2e"])
async def test_a_link_that_is_none_leads_to_one_neutral_page(pages: Pages, token: str) -> None:
    response = await pages.http.get(f"/pay/{token}")
    assert response.status_code == 404
    assert "There is nothing here" in response.text


async def test_an_order_that_never_was_looks_like_a_wrong_link(pages: Pages) -> None:
    unknown = await pages.http.get(pages.link("never-placed"))
    wrong = await pages.http.get(f"/pay/{'A' * 64}")
    assert (unknown.status_code, unknown.text) == (wrong.status_code, wrong.text)


async def test_a_link_of_another_key_leads_nowhere(pages: Pages) -> None:
    placed = await pages.world.place()
    async with running_pages(pages.world, page_key=SecretStr("Xc7tS5vD2oE9yU4kL8bJ3rG6hI1aW0qN")) as other:
        foreign = other.link(placed.reference).rpartition("/")[2]
    assert (await pages.http.get(f"/pay/{foreign}")).status_code == 404


async def test_without_a_key_there_are_no_pages(pages: Pages) -> None:
    token = pages.link("any").rpartition("/")[2]
    async with running_pages(pages.world, page_key=SecretStr("")) as bare:
        assert (await bare.http.get(f"/pay/{token}")).status_code == 404


async def test_the_page_keeps_to_itself(pages: Pages) -> None:
    placed = await pages.world.place()
    response = await pages.http.get(pages.link(placed.reference))
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', response.text)
    assert "style=" not in response.text
    for private in (placed.workflow_id, placed.quote_id, "fn_sandbox"):
        assert private not in response.text


async def test_a_page_weighs_at_most_twenty_kilobytes_beside_its_code(pages: Pages) -> None:
    placed = await pages.world.place()
    html = re.sub(r"<svg.*?</svg>", "", await shown(pages, placed.reference), flags=re.DOTALL)
    colours = (await pages.http.get(f"{pages.link(placed.reference)}/colours.css")).text
    assert len(html) + len(colours) + sum(len(asset.content) for asset in ASSETS.values()) <= 20_000


async def test_what_the_business_writes_is_text_and_no_markup(pages: Pages) -> None:
    placed = await pages.world.place()
    async with running_pages(pages.world, page_name="<script>alert(1)</script>") as other:
        html = (await other.http.get(other.link(placed.reference))).text
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


async def test_a_stream_says_when_the_page_changes_and_when_nothing_will(pages: Pages) -> None:
    placed = await pages.world.place()
    said: list[str] = []
    async with pages.http.stream("GET", f"{pages.link(placed.reference)}/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        paying = asyncio.create_task(pages.world.deposit_and_report(placed))
        async for line in response.aiter_lines():
            if line.startswith("event:"):
                said.append(line.removeprefix("event: "))
        assert isinstance(await paying, DepositProof)
    assert said[-1] == "bye"
    assert "changed" in said
    part = await pages.http.get(f"{pages.link(placed.reference)}?part=main")
    assert heading(part.text) == "Paid and delivered"
    assert part.headers["x-final"] == "true"
    assert "<html" not in part.text


async def test_streams_of_pages_leave_half_of_the_connections_to_others(pages: Pages) -> None:
    links = [pages.link((await pages.world.place()).reference) for _ in range(3)]
    async with AsyncExitStack() as streams, running_pages(pages.world, gateway_connections=4) as other:
        statuses = [
            (await streams.enter_async_context(other.http.stream("GET", f"{link}/events"))).status_code
            for link in (link.replace(pages.url, other.url) for link in links)
        ]
    assert statuses == [200, 200, 429]


async def test_a_page_has_only_some_streams_at_a_time(pages: Pages) -> None:
    placed = await pages.world.place()
    url = f"{pages.link(placed.reference)}/events"
    opened: list[httpx.Response] = []
    try:
        for _ in range(5):
            request = pages.http.build_request("GET", url)
            opened.append(await pages.http.send(request, stream=True))
        refused = await pages.http.get(url)
        assert (refused.status_code, [response.status_code for response in opened]) == (429, [200] * 5)
        assert (await pages.http.get(pages.link(placed.reference))).status_code == 200
    finally:
        for response in opened:
            await response.aclose()
