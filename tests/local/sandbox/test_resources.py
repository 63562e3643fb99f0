"""Orders without the caller's quote: reusable addresses, pay links, other apps; and limits, routes and history."""

import json
from typing import Any

import pytest

from baton.local.sandbox.api.limits import least, most
from baton.local.sandbox.control import SandboxControl, SandboxRefused
from baton.local.sandbox.engine.assets import OPENING_PRICES
from baton.local.sandbox.engine.pricing import cents
from baton.local.sandbox.engine.routes import all_routes
from baton.orchestra.calls.orders import OrderHistory
from baton.orchestra.models import OrderStatus
from baton.orchestra.rules.routes import RouteAsset
from tests.eventually import eventually
from tests.local.sandbox.partner import BITCOIN, EVM, SPARK, USDC_TO_BTC, Document, Partner, Receiver, code_of
from tests.sandbox_server import running_sandbox

ACCUMULATION = {
    "label": "Till",
    "sourceChain": "base",
    "sourceAsset": "USDC",
    "destinationAsset": "BTC",
    "recipientSparkAddress": SPARK,
    "feeBps": 25,
    "refundAddresses": {"base": EVM},
}
LIQUIDATION = {"label": "Mine", "destinationChain": "base", "destinationAsset": "USDC", "destinationAddress": EVM}
LINK = {
    "destinationChain": "spark",
    "destinationAsset": "USDB",
    "recipientAddress": SPARK,
    "amountOut": "25000000",
    "label": "October invoice #42",
}


async def _only(control: SandboxControl, status: str) -> Document:
    orders = await eventually(control.orders, lambda orders: len(orders) == 1 and orders[0]["status"] == status)
    return orders[0]


async def _create(partner: Partner, path: str, body: Document) -> Document:
    answer = await partner.post(path, body)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def test_a_deposit_to_an_accumulation_address_is_an_order_without_a_quote(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    address = await _create(partner, "/v1/accumulation-addresses", ACCUMULATION)
    await control.deposit(deposit_address=address["depositAddress"], amount=50_000_000)
    order = await _only(control, "completed")
    assert (order["quoteId"], order["amountIn"], order["recipientAddress"]) == (None, "50000000", SPARK)
    assert order["feePlan"]["appFees"] == [{"affiliateId": None, "recipient": "par_sandbox", "feeBps": 25}]
    records = [json.loads(webhook.body)["data"] for webhook in await receiver.wait_for(5)]
    assert {(data["id"], data["quoteId"]) for data in records} == {(order["id"], None)}
    assert OrderStatus.model_validate((await partner.status(id=order["id"])).json()).order.quote_id is None


async def test_a_deposit_to_a_liquidation_address_may_get_an_offer(partner: Partner, control: SandboxControl) -> None:
    await control.set_scenario("zeroconf_offer")
    address = await _create(partner, "/v1/liquidation-addresses", LIQUIDATION)
    await control.deposit(deposit_address=address["l1DepositAddress"], amount=100_000)
    order = await _only(control, "awaiting_approval")
    body = {"orderId": order["id"]}
    assert (await partner.post("/v1/orchestration/zeroconf/accept", body)).json()["status"] == "processing"
    assert (await _only(control, "completed"))["quoteId"] is None


@pytest.mark.parametrize(
    ("path", "body", "shown"),
    [
        ("/v1/accumulation-addresses", ACCUMULATION, "accumulationAddressId"),
        ("/v1/liquidation-addresses", LIQUIDATION, "liquidationAddressId"),
    ],
)
async def test_addresses_are_listed_read_and_disabled(
    partner: Partner, control: SandboxControl, path: str, body: Document, shown: str
) -> None:
    address = await _create(partner, path, body)
    item = f"{path}/{address[shown]}"
    assert (await partner.http.get(item)).json() == address
    [listed] = next(iter((await partner.http.get(path)).json().values()))
    assert listed == address
    assert (await partner.http.delete(item, headers={"X-Idempotency-Key": "d"})).json() == {"ok": True}
    assert (await partner.http.get(item)).json()["enabled"] is False
    await control.deposit(deposit_address=address.get("depositAddress") or address["l1DepositAddress"], amount=10**6)
    assert ([deposit["held"] for deposit in await control.deposits()], await control.orders()) == (
        ["address_disabled"],
        [],
    )
    assert code_of(await partner.http.get(f"{path}/none")) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "body", "changes", "code", "named"),
    [
        ("accumulation", ACCUMULATION, {"sourceChain": "spark", "sourceAsset": "USDB"}, "unsupported_route", "spark"),
        ("accumulation", ACCUMULATION, {"recipientSparkAddress": EVM}, "invalid_address", "recipientSparkAddress"),
        ("accumulation", ACCUMULATION, {"refundAddresses": {"base": SPARK}}, "invalid_address", "refundAddresses.base"),
        ("accumulation", ACCUMULATION, {"refundAddresses": EVM}, "invalid_request", "refundAddresses"),
        ("accumulation", ACCUMULATION, {"feeBps": 10_000}, "invalid_request", "feeBps"),
        ("liquidation", LIQUIDATION, {"destinationAddress": None}, "invalid_request", "destinationAddress"),
        ("liquidation", LIQUIDATION, {"zeroconfEnabled": "yes"}, "invalid_request", "zeroconfEnabled"),
        (
            "liquidation",
            LIQUIDATION,
            {"destinationChain": "spark", "destinationAsset": "BTC", "destinationAddress": SPARK, "feeBps": 5},
            "unsupported_fee_plan",
            "feeBps",
        ),
    ],
)
async def test_a_wrong_field_of_an_address_is_refused_by_name(
    shared_partner: Partner, path: str, body: Document, changes: Document, code: str, named: str
) -> None:
    answer = await shared_partner.post(f"/v1/{path}-addresses", {**body, **changes})
    assert code_of(answer) == (400, code)
    assert named in answer.json()["error"]["message"]


async def test_each_click_on_a_pay_link_makes_an_order_with_its_label(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    answer = await partner.post("/v1/pay-links", LINK)
    link = answer.json()["payLink"]
    assert (answer.status_code, link["label"]) == (201, LINK["label"])
    clicks = [await partner.http.get(link["shortUrl"]) for _ in range(2)]
    assert len({click.headers["Location"] for click in clicks}) == 2
    invoice = clicks[0].headers["Location"].rpartition("/")[2]
    await control.deposit(deposit_address=invoice)
    await eventually(control.orders, lambda orders: orders[0]["status"] == "completed")
    records = [json.loads(webhook.body)["data"] for webhook in await receiver.wait_for(6)]
    assert {(data["payLinkId"], data["payLinkLabel"]) for data in records} == {(link["id"], LINK["label"])}
    record = (await partner.status(id=(await control.orders())[0]["id"])).json()["order"]
    assert (record["amountOut"], "payLinkId" in record) == ("25000000", False)
    assert record["quoteId"].startswith("q_")


async def test_pay_links_are_listed_read_and_disabled(partner: Partner) -> None:
    links = [(await partner.post("/v1/pay-links", {**LINK, "label": str(n)})).json()["payLink"] for n in range(3)]
    path = f"/v1/pay-links/{links[0]['id']}"
    assert (await partner.http.get(path)).json()["payLink"] == links[0]
    assert (await partner.http.delete(path, headers={"X-Idempotency-Key": "d"})).json() == {"ok": True}

    async def labels(**query: Any) -> list[str]:
        return [link["label"] for link in (await partner.http.get("/v1/pay-links", params=query)).json()["payLinks"]]

    assert await labels() == ["1", "2"]
    assert await labels(includeDisabled="true") == ["0", "1", "2"]
    assert await labels(limit="1", offset="1") == ["2"]
    assert code_of(await partner.http.get("/v1/pay-links", params={"limit": "0"})) == (400, "invalid_query")
    assert (await partner.http.get(links[0]["shortUrl"])).status_code == 404


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"amountFiatUsd": "5.00"}, "exactly one"),
        ({"amountOut": None}, "exactly one"),
        ({"amountOut": "25000001"}, "whole cents"),
        ({"destinationAsset": "BTC"}, "destinationAsset"),
    ],
)
async def test_a_wrong_field_of_a_pay_link_is_refused_by_name(
    shared_partner: Partner, changes: Document, named: str
) -> None:
    answer = await shared_partner.post("/v1/pay-links", {**LINK, **changes})
    assert code_of(answer) == (400, "invalid_request")
    assert named in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("kind", "has_quote"), [("accumulation", False), ("liquidation", False), ("pay_link", True), ("elsewhere", True)]
)
@pytest.mark.parametrize(("scenario", "end"), [(None, "completed"), ("refunded", "refunded")])
async def test_a_foreign_order_reaches_its_end_and_sends_webhooks(
    partner: Partner,
    control: SandboxControl,
    receiver: Receiver,
    kind: str,
    has_quote: bool,
    scenario: str | None,
    end: str,
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    made = await control.foreign_order(kind, **({"scenario": scenario} if scenario else {}))
    order = await _only(control, end)
    assert (order["id"], order["quoteId"] is not None) == (made["id"], has_quote)
    deliveries = await eventually(control.deliveries, lambda deliveries: deliveries[-1]["event"] == f"order.{end}")
    assert all(("payLinkLabel" in delivery["body"]["data"]) is (kind == "pay_link") for delivery in deliveries)
    assert await control.violations() == []


async def test_a_foreign_order_uses_the_given_details_and_partner() -> None:
    keys = {"fn_a": "par_a", "fn_b": "par_b"}
    async with running_sandbox(api_keys=keys, step_seconds=0) as (base_url, control):
        theirs = Partner(base_url, "fn_b")
        async with theirs.http:
            request = {"destinationChain": "bitcoin", "destinationAsset": "BTC", "recipientAddress": BITCOIN}
            made = await control.foreign_order("elsewhere", partner="par_b", amount=60_000_000, request=request)
            order = (await theirs.status(id=made["id"])).json()["order"]
            assert (order["amountIn"], order["destinationChain"]) == ("60000000", "bitcoin")
            address = await _create(theirs, "/v1/accumulation-addresses", ACCUMULATION)
            again = await control.foreign_order(
                "accumulation", partner="par_b", addressId=address["accumulationAddressId"]
            )
            assert again["depositAddress"] == address["depositAddress"]
            with pytest.raises(SandboxRefused, match="amount_too_small"):
                await control.foreign_order("accumulation", amount=1)


async def test_quotes_enforce_the_published_limits(shared_partner: Partner) -> None:
    query = {name: USDC_TO_BTC[name] for name in USDC_TO_BTC if name not in ("amount", "recipientAddress")}
    answer = await shared_partner.http.get("/v1/orchestration/limits", params=query, headers={"Authorization": ""})
    [entry] = answer.json()["routes"]
    limits = entry["limits"]
    assert limits["orderNotionalUsd"] == {"minCents": "80", "maxCents": "9030000", "source": "runtime_order_bounds"}
    bound = limits["exactIn"]["requestAmount"]
    for amount, status in ((bound["minAmountSmallest"], 200), (bound["maxAmountSmallest"], 200)):
        assert (await shared_partner.request_quote({**USDC_TO_BTC, "amount": amount})).status_code == status
    for amount in (int(bound["minAmountSmallest"]) - 1, int(bound["maxAmountSmallest"]) + 1):
        assert (await shared_partner.request_quote({**USDC_TO_BTC, "amount": str(amount)})).status_code == 400
    assert (limits["exactOut"]["supported"], limits["fiatUsd"], entry["direction"]) == (False, None, "buy")


async def test_the_limits_of_an_unknown_chain_are_empty(shared_partner: Partner) -> None:
    nowhere = await shared_partner.http.get("/v1/orchestration/limits", params={"sourceChain": "mars"})
    lightning = await shared_partner.http.get("/v1/orchestration/limits", params={"sourceChain": "lightning"})
    assert nowhere.json()["routes"] == []
    assert {route["limits"]["fiatUsd"]["max"] for route in lightning.json()["routes"]} == {"50000.00"}


@pytest.mark.parametrize(
    "route", all_routes()[::29], ids=lambda route: f"{route.source.symbol}-{route.source.chain.name}"
)
def test_the_bounds_of_an_asset_are_exact(route: Any) -> None:
    low, high = least(route.source, OPENING_PRICES), most(route.source, OPENING_PRICES)
    assert cents(low, route.source, OPENING_PRICES) >= 80 > cents(low - 1, route.source, OPENING_PRICES)
    assert cents(high, route.source, OPENING_PRICES) <= 9_030_000 < cents(high + 1, route.source, OPENING_PRICES)


async def test_the_compact_route_list_equals_the_long_one(shared_partner: Partner) -> None:
    compact = (await shared_partner.http.get("/v2/orchestration/routes")).json()["assets"]
    long = (await shared_partner.http.get("/v1/orchestration/routes")).json()["routes"]
    assets = [RouteAsset.model_validate(asset) for asset in compact]
    names = {asset.id for asset in assets}
    exact = set()
    for asset in assets:
        assert asset.route is not None
        reach = asset.route["exactOutTo"]
        others = names - {asset.id} - set(reach["except"]) if isinstance(reach, dict) else set(reach)
        exact |= {(asset.id, other) for other in others}
        assert asset.route["to"] == "all"
    expected = {
        (f"{r['sourceChain']}:{r['sourceAsset']}", f"{r['destinationChain']}:{r['destinationAsset']}")
        for r in long
        if r["exactOutEligible"]
    }
    assert exact == expected


async def test_the_history_of_a_recipient_lists_its_orders(partner: Partner, control: SandboxControl) -> None:
    for _ in range(2):
        quote = await partner.quote()
        await partner.submit(quote, await control.deposit(quote["quoteId"]))
        await partner.wait_until(quote, "completed")
    path = "/v1/orchestration/history"
    answer = (await partner.http.get(path, params={"recipientAddress": SPARK})).json()
    assert len(OrderHistory.model_validate(answer).orders) == 2
    assert (await partner.http.get(path, params={"recipientAddress": EVM})).json() == {"orders": []}
    assert code_of(await partner.http.get(path)) == (400, "invalid_query")
