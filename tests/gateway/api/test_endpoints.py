"""Endpoints over HTTP: made, changed, tested and disabled by who may, and their secret shown once."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook
from temporalio.client import Client

from baton.accounts.tokens import TokenBook, TokenEntry, hash_of
from baton.ledger.ledger import Ledger
from baton.notifications.signing import new_secret
from baton.settings import Settings
from tests.gateway.api.feed_orders import write_events
from tests.gateway.world import Gateway, running_gateway
from tests.notifications.receiver import receiving

FULL = {"Authorization": "Bearer baton_full_token_of_all_accounts"}
ONE = {"Authorization": "Bearer baton_notifier_of_one_account"}
READER = {"Authorization": "Bearer baton_reader_of_all_accounts"}
OWN = {
    "full": TokenEntry(hash=hash_of("baton_full_token_of_all_accounts"), accounts=["*"], verbs=["*"]),
    "one": TokenEntry(hash=hash_of("baton_notifier_of_one_account"), accounts=["one"], verbs=["read", "notify"]),
    "reader": TokenEntry(hash=hash_of("baton_reader_of_all_accounts"), accounts=["*"], verbs=["read"]),
}
SHOP = {"name": "shop", "url": "https://shop.example.com/hooks"}


@pytest.fixture
async def own_ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


@pytest.fixture
async def api(gateway_temporal: Client, own_ledger: Ledger, tmp_path: Path) -> AsyncIterator[Gateway]:
    file = tmp_path / "endpoints.toml"
    file.write_text(f'[endpoints.filed]\nurl = "https://filed.example.com"\nsecret = "{new_secret()}"\n')
    settings = Settings(endpoints_file=file, notify_networks=["127.0.0.0/8"])
    tokens = TokenBook(own=OWN)
    async with running_gateway(gateway_temporal, own_ledger, tokens=tokens, settings=settings) as running:
        yield running


async def call(api: Gateway, method: str, path: str, status: int = 200, as_: dict[str, str] = FULL, **body: Any) -> Any:
    answer = await api.http.request(method, f"/v1{path}", headers=as_, json=body or None)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def test_the_secret_is_shown_when_the_endpoint_is_made_and_never_again(api: Gateway) -> None:
    made = await call(api, "POST", "/endpoints", 201, **SHOP)
    assert made["secret"].startswith("whsec_")
    assert "whsec" not in str(await call(api, "GET", "/endpoints"))
    shown = await call(api, "GET", "/endpoints/shop")
    assert (shown["url"], shown["enabled"], shown["origin"]) == (SHOP["url"], True, "api")


async def test_a_name_that_is_taken_is_a_conflict(api: Gateway) -> None:
    await call(api, "POST", "/endpoints", 201, **SHOP)
    for name in ("shop", "filed"):
        refused = await call(api, "POST", "/endpoints", 409, **{**SHOP, "name": name})
        assert refused["error"]["code"] == "endpoint_exists"


async def test_a_list_names_the_endpoints_that_get_an_accounts_events(api: Gateway) -> None:
    for name, accounts in (("all", []), ("both", ["one", "two"]), ("other", ["two"])):
        await call(api, "POST", "/endpoints", 201, **{**SHOP, "name": name}, accounts=accounts)
    found = await call(api, "GET", "/endpoints?account=one")
    assert [line["name"] for line in found] == ["all", "both", "filed"]
    await call(api, "GET", "/endpoints?account=two", 403, ONE)


@pytest.mark.parametrize(
    "url", ["http://shop.example.com", "https://10.0.0.1/", "https://a:b@shop.example.com", "https://169.254.169.254/"]
)
async def test_a_url_that_must_not_be_called_is_refused(api: Gateway, url: str) -> None:
    refused = await call(api, "POST", "/endpoints", 422, name="shop", url=url)
    assert refused["error"]["field"] == "url"


async def test_a_wrong_type_of_event_is_refused_by_name(api: Gateway) -> None:
    refused = await call(api, "POST", "/endpoints", 422, **SHOP, events=["closed"])
    assert refused["error"]["field"] == "events"


@pytest.mark.parametrize("account", ["", "a b", "a\x00b", "\ud800", "Shop"])
async def test_a_name_that_no_account_can_have_is_refused(api: Gateway, account: str) -> None:
    body = json.dumps({**SHOP, "accounts": [account]})
    answer = await api.http.post("/v1/endpoints", headers={**FULL, "Content-Type": "application/json"}, content=body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "accounts")


async def test_values_that_are_left_out_of_a_change_stay(api: Gateway) -> None:
    await call(api, "POST", "/endpoints", 201, **SHOP, events=["order.closed"])
    changed = await call(api, "PATCH", "/endpoints/shop", url="https://new.example.com/")
    assert (changed["url"], changed["events"]) == ("https://new.example.com/", ["order.closed"])


async def test_both_secrets_sign_after_a_rotation(api: Gateway) -> None:
    async with receiving() as shop:
        made = await call(api, "POST", "/endpoints", 201, name="shop", url=shop.url)
        rotated = await call(api, "POST", "/endpoints/shop/rotate", overlap_hours=1)
        result = await call(api, "POST", "/endpoints/shop/test")
    assert result["delivered"]
    (received,) = shop.accepted
    for secret in (made["secret"], rotated["secret"]):
        assert Webhook(secret).verify(received.body, received.headers)["type"] == "endpoint.test"


async def test_secrets_that_are_replaced_often_do_not_gather(api: Gateway) -> None:
    async with receiving() as shop:
        await call(api, "POST", "/endpoints", 201, name="shop", url=shop.url)
        for _ in range(10):
            newest = (await call(api, "POST", "/endpoints/shop/rotate"))["secret"]
        await call(api, "POST", "/endpoints/shop/test")
    assert len(shop.requests[0].headers["webhook-signature"].split()) == 5
    assert Webhook(newest).verify(shop.requests[0].body, shop.requests[0].headers)


async def test_the_old_secret_signs_no_more_after_a_rotation_at_once(api: Gateway) -> None:
    async with receiving() as shop:
        await call(api, "POST", "/endpoints", 201, name="shop", url=shop.url)
        await call(api, "POST", "/endpoints/shop/rotate", overlap_hours=0)
        await call(api, "POST", "/endpoints/shop/test")
    assert len(shop.accepted[0].headers["webhook-signature"].split()) == 1


async def test_a_test_says_what_the_endpoint_answered(api: Gateway) -> None:
    await call(api, "POST", "/endpoints", 201, name="shop", url="http://127.0.0.1:9/")
    result = await call(api, "POST", "/endpoints/shop/test")
    assert (result["delivered"], result["detail"]) == (False, "the host could not be reached")


async def test_an_endpoint_of_the_file_is_changed_in_the_file_alone(api: Gateway) -> None:
    for method, path in (("PATCH", ""), ("DELETE", ""), ("POST", "/rotate")):
        refused = await call(
            api, method, f"/endpoints/filed{path}", 409, **({"events": []} if method == "PATCH" else {})
        )
        assert refused["error"]["code"] == "endpoint_in_file"
        assert "BATON_ENDPOINTS_FILE" in refused["error"]["remedy"]
    assert not (await call(api, "POST", "/endpoints/filed/disable"))["enabled"]
    assert (await call(api, "POST", "/endpoints/filed/enable"))["enabled"]


async def test_a_token_has_only_endpoints_of_its_accounts(api: Gateway) -> None:
    await call(api, "POST", "/endpoints", 201, **SHOP)
    await call(api, "POST", "/endpoints", 201, as_=ONE, name="own", url=SHOP["url"])
    assert (await call(api, "GET", "/endpoints/own"))["accounts"] == ["one"]
    assert [each["name"] for each in await call(api, "GET", "/endpoints", as_=ONE)] == ["own"]
    assert (await call(api, "GET", "/endpoints/shop", 404, as_=ONE))["error"]["code"] == "endpoint_unknown"
    await call(api, "POST", "/endpoints", 403, as_=ONE, name="other", url=SHOP["url"], accounts=["two"])
    await call(api, "PATCH", "/endpoints/own", 403, as_=ONE, accounts=["two"])


async def test_who_may_only_read_changes_nothing(api: Gateway) -> None:
    refused = await call(api, "POST", "/endpoints", 403, as_=READER, **SHOP)
    assert refused["error"]["code"] == "verb_not_allowed"


async def test_a_deleted_endpoint_is_unknown(api: Gateway) -> None:
    await call(api, "POST", "/endpoints", 201, **SHOP)
    await call(api, "DELETE", "/endpoints/shop", 204)
    await call(api, "GET", "/endpoints/shop", 404)


async def test_deliveries_of_an_unknown_endpoint_are_a_404(api: Gateway) -> None:
    await call(api, "GET", "/deliveries?endpoint=nobody", 404)
    await call(api, "POST", "/endpoints", 201, **SHOP)
    assert await call(api, "GET", "/deliveries?endpoint=shop") == []


async def test_a_redelivery_names_an_event_or_a_time(api: Gateway, own_ledger: Ledger) -> None:
    await call(api, "POST", "/endpoints", 201, **SHOP)
    await call(api, "POST", "/deliveries/redeliver", 422, endpoint="shop")
    refused = await call(api, "POST", "/deliveries/redeliver", 404, endpoint="shop", event_id="evt_none")
    assert refused["error"]["code"] == "event_unknown"
    await write_events(own_ledger, "one", "o1", "placed")
    (event,) = await own_ledger.events.after(0)
    started = await call(api, "POST", "/deliveries/redeliver", 202, endpoint="shop", event_id=event.id)
    assert started == {"endpoint": "shop", "orders": 1}
    since = {"endpoint": "shop", "since": "2026-01-01T00:00:00Z"}
    assert (await call(api, "POST", "/deliveries/redeliver", 202, **since))["orders"] == 0
