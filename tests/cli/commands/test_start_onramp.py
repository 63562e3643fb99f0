"""`baton start` for onramps, which are paid over Lightning in a payment app."""

import json
import uuid

from tests.cli.command import Baton
from tests.cli.qr_reading import modules_of, read_drawing
from tests.end_to_end.test_onramps import ONRAMP
from tests.end_to_end.world import SPARK, World
from tests.eventually import eventually

OPTIONS = (
    "--kind", "onramp", "--destination-chain", "spark", "--destination-asset", "USDB", "--recipient-address", SPARK,
    "--amount-fiat-usd", "25.00",
)  # fmt: skip


async def test_placing_an_onramp_twice_gives_the_same_invoice(world: World, baton: Baton) -> None:
    reference = f"on-{uuid.uuid4().hex[:12]}"
    options = (*OPTIONS, "--payer", f"customer-{reference}", "--payer-region", "US-CA", "--reference", reference)

    first = await baton("start", *options, "--reprice", "approve", "--max-loss-bps", "25", "--json")
    again = await baton("start", *options, "--reprice", "approve", "--max-loss-bps", "25", "--json")

    printed = first.json
    assert (first.code, again.code) == (0, 0)
    assert (again.json["deposit_address"], again.json["order_id"]) == (printed["deposit_address"], printed["order_id"])
    assert printed["page"]["deeplink"].endswith(printed["deposit_address"])
    snapshot = await world.baton.snapshot(reference)
    assert snapshot.payer is not None
    assert (snapshot.payer.id, snapshot.payer.region) == (f"customer-{reference}", "US-CA")
    assert snapshot.policy.reprice is not None
    assert (snapshot.policy.reprice.mode, snapshot.policy.reprice.max_loss_bps) == ("approve", 25)


async def test_a_started_onramp_shows_its_links_amount_and_expiry(world: World, baton: Baton) -> None:
    document = {**ONRAMP, "reference": f"on-{uuid.uuid4().hex[:12]}"}

    started = await baton("start", "--file", "-", stdin=json.dumps(document))

    placed = await world.baton.place(document)
    assert placed.page is not None
    assert started.code == 0
    assert f" {placed.page.short_url}\n" in started.out
    assert f" {placed.page.deeplink}\n" in started.out
    assert f"BTC ({placed.amount_in} sats)\n" in started.out
    assert f"{placed.expires_at:%Y-%m-%d %H:%M:%S} UTC (in " in started.out
    assert f"order        {placed.order_id}\n" in started.out
    assert "baton deposit" not in started.out


async def test_a_held_onramp_shows_its_invoice_after_the_review(world: World, baton: Baton) -> None:
    recipient = f"spark1{uuid.uuid4().hex}{uuid.uuid4().hex}"[:62]
    await world.sandbox.set_scenario("onramp_in_review", recipient=recipient)
    reference = f"on-{uuid.uuid4().hex[:12]}"
    document = {**ONRAMP, "recipientAddress": recipient, "reference": reference}

    started = await baton("start", "--file", "-", stdin=json.dumps(document))

    assert started.code == 0
    assert "none yet: Orchestra holds the order for a review\n" in started.out
    released = await eventually(
        lambda: world.baton.snapshot(reference), lambda order: bool(order.page and order.page.deeplink)
    )
    assert released.page is not None
    shown = await baton("show", reference, "--qr")
    assert f" {released.page.deeplink}\n" in shown.out
    assert read_drawing(shown.out) == modules_of(str(released.page.deeplink))


async def test_an_excluded_payer_region_is_refused_with_the_reason(baton: Baton) -> None:
    refused = await baton("start", *OPTIONS, "--payer-region", "US-NY-NYC", "--json")

    assert (refused.code, refused.error["code"]) == (1, "region_excluded")


async def test_onramp_options_without_the_kind_name_the_missing_option(alone: Baton) -> None:
    answer = await alone("start", *OPTIONS[2:])

    assert answer.code == 2
    assert answer.err == "error: amountFiatUsd: belongs to an onramp; add --kind onramp (--amount-fiat-usd)\n"
