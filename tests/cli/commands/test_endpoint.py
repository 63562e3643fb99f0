"""`baton endpoint`, `baton deliveries` and `baton listen`: from an endpoint's creation to what it missed."""

import json
from collections.abc import AsyncIterator

import pytest
from standardwebhooks import Webhook

from tests.cli.command import Baton
from tests.end_to_end.world import TOKEN, World
from tests.eventually import eventually
from tests.notifications.receiver import Receiver, accept, receiving, refuse

LOOPBACK = {"BATON_NOTIFY_NETWORKS": "127.0.0.0/8"}


@pytest.fixture
async def shop(baton: Baton) -> AsyncIterator[Receiver]:
    """Yield an endpoint `shop` that is removed at the end."""
    async with receiving() as receiver:
        yield receiver
        await baton("endpoint", "remove", "shop")


async def make(baton: Baton, shop: Receiver) -> str:
    made = await baton("endpoint", "create", "shop", shop.url, "--type", "order.*", "--json", **LOOPBACK)
    assert made.code == 0, made.err
    return str(made.json["secret"])


async def test_an_endpoint_gets_signed_events_from_its_creation_on(world: World, baton: Baton, shop: Receiver) -> None:
    secret = await make(baton, shop)
    placed = await world.place()
    await eventually(lambda: [each for each in shop.accepted if each.event["reference"] == placed.reference])
    received = shop.accepted[-1]
    assert Webhook(secret).verify(received.body, received.headers)["type"] == "order.placed"
    listed = await baton("endpoint", "list")
    assert shop.url in listed.out
    assert "works" in listed.out


async def test_what_an_endpoint_missed_while_disabled_comes_once_it_is_enabled(
    world: World, baton: Baton, shop: Receiver
) -> None:
    await make(baton, shop)
    assert (await baton("endpoint", "disable", "shop", "--json")).json["disabled_because"] == (
        "disabled by the command line"
    )
    assert (await baton("endpoint", "list")).code == 1
    placed = await world.place()
    waiting = await eventually(
        lambda: baton("endpoint", "show", "shop", "--json"), lambda shown: shown.json["pending"] == 1
    )
    assert waiting.code == 0
    assert (await baton("endpoint", "enable", "shop", "--json")).json["enabled"]
    await eventually(lambda: [each for each in shop.accepted if each.event["reference"] == placed.reference])


async def test_deliveries_are_listed_shown_and_repeated(world: World, baton: Baton, shop: Receiver) -> None:
    shop.answer = refuse(500)
    await make(baton, shop)
    placed = await world.place()
    # An endpoint of an earlier test may have had this name: for a moment its address is still tried.
    failed = await eventually(
        lambda: baton("deliveries", "list", "--order", placed.reference, "--json"),
        lambda found: [each for each in found.json["deliveries"] if each["status_code"] == 500],
    )
    attempt = next(each for each in failed.json["deliveries"] if each["status_code"] == 500)
    assert (attempt["outcome"], attempt["detail"]) == ("failed", "not now")
    shown = await baton("deliveries", "show", attempt["event_id"], "--json")
    assert shown.json["event"]["reference"] == placed.reference
    shop.answer = accept
    again = await baton("deliveries", "redeliver", "--endpoint", "shop", attempt["event_id"])
    assert again.out == "events of 1 order are sent to shop again\n"
    await eventually(lambda: attempt["event_id"] in shop.ids())
    since = await baton("deliveries", "redeliver", "--endpoint", "shop", "--since", "2026-01-01", "--json")
    assert since.json["orders"] >= 1
    table = await baton("deliveries", "list", "--endpoint", "shop")
    assert "failed 500" in table.out


async def test_a_test_of_an_endpoint_exits_1_if_it_is_not_accepted(baton: Baton, shop: Receiver) -> None:
    await make(baton, shop)
    assert (await baton("endpoint", "test", "shop", "--json", **LOOPBACK)).json["delivered"]
    shop.answer = refuse(503)
    refused = await baton("endpoint", "test", "shop", **LOOPBACK)
    assert (refused.code, refused.out.startswith("not accepted: HTTP 503")) == (1, True)


async def test_a_rotated_secret_verifies_beside_the_old_one(baton: Baton, shop: Receiver) -> None:
    old = await make(baton, shop)
    new = (await baton("endpoint", "rotate", "shop", "--json", **LOOPBACK)).json["secret"]
    await baton("endpoint", "test", "shop", **LOOPBACK)
    for secret in (old, new):
        Webhook(secret).verify(shop.accepted[0].body, shop.accepted[0].headers)


async def test_a_url_inside_the_network_is_refused_with_the_remedy(baton: Baton) -> None:
    refused = await baton("endpoint", "create", "inside", "https://10.0.0.1/", "--json")
    assert refused.code == 2
    assert "BATON_NOTIFY_NETWORKS" in refused.error["message"]


async def test_an_unknown_endpoint_or_event_is_a_refusal(baton: Baton) -> None:
    assert (await baton("endpoint", "show", "nobody", "--json")).error["code"] == "endpoint_unknown"
    assert (await baton("deliveries", "show", "evt_none", "--json")).error["code"] == "event_unknown"
    assert (await baton("deliveries", "redeliver", "--endpoint", "shop")).code == 2


async def test_a_new_secret_is_one_of_the_scheme(alone: Baton) -> None:
    made = await alone("endpoint", "secret", "--json")
    Webhook(made.json["secret"])


async def test_listen_relays_events_to_an_app_with_a_signature(world: World, baton: Baton) -> None:
    secret = (await baton("endpoint", "secret", "--json")).json["secret"]
    options = ["--gateway", world.gateway_url, "--token", TOKEN, "--secret", secret, "--type", "order.placed", "--json"]
    async with receiving() as app:
        before = await world.ledger.events.latest()
        cursor = f"{await world.ledger.events.feed_id()}-{before}"
        placed = await world.place()
        async with baton.running("listen", "--forward-to", app.url, "--after", cursor, *options) as process:
            assert process.stdout
            relayed = json.loads(await process.stdout.readline())
    assert relayed["event"]["reference"] == placed.reference
    assert relayed["answer"] == 204
    assert Webhook(secret).verify(app.accepted[0].body, app.accepted[0].headers) == relayed["event"]


async def test_listen_says_what_is_missing(alone: Baton) -> None:
    assert "baton token new" in (await alone("listen", BATON_API_TOKEN="")).err
    away = await alone("listen", "--token", "baton_any", "--gateway", "http://127.0.0.1:9", "--json")
    assert (away.code, away.error["code"]) == (3, "gateway_unavailable")


async def test_listen_passes_on_why_the_gateway_refuses(world: World, baton: Baton) -> None:
    refused = await baton("listen", "--token", "baton_wrong", "--gateway", world.gateway_url, "--json")
    assert (refused.code, refused.error["code"]) == (1, "token_unknown")
