"""API keys: which calls need one, and which orders it can read."""

import pytest

from tests.local.sandbox.partner import USDC_TO_BTC, Partner, code_of
from tests.sandbox_server import running_sandbox


@pytest.mark.parametrize("key", [None, "fn_wrong"])
@pytest.mark.parametrize(
    "path", ["/v1/orchestration/status?id=ord_1", "/v1/orchestration/order?quoteId=q_1", "/v1/webhooks"]
)
async def test_a_read_without_a_valid_key_is_unauthorized(shared_partner: Partner, key: str | None, path: str) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key is not None else {"Authorization": ""}
    answer = await shared_partner.http.get(path, headers=headers)
    assert code_of(answer) == (401, "unauthorized")
    assert set(answer.json()["error"]) == {"code", "message"}


async def test_a_quote_without_a_key_is_unauthorized_before_anything_else(shared_partner: Partner) -> None:
    answer = await shared_partner.http.post("/v1/orchestration/quote", headers={"Authorization": ""})
    assert code_of(answer) == (401, "unauthorized")


async def test_a_key_with_another_scheme_is_unauthorized(shared_partner: Partner) -> None:
    answer = await shared_partner.http.get("/v1/webhooks", headers={"Authorization": "Basic fn_sandbox"})
    assert code_of(answer) == (401, "unauthorized")


async def test_a_replaced_key_is_unauthorized_and_the_new_key_sees_the_orders() -> None:
    async with running_sandbox() as (base_url, control):
        old, new = Partner(base_url, "fn_sandbox"), Partner(base_url, "fn_new")
        async with old.http, new.http:
            quote = await old.quote()
            await control.accept_keys("fn_new")
            path = "/v1/orchestration/order"
            assert code_of(await old.http.get(path, params={"quoteId": quote["quoteId"]})) == (401, "unauthorized")
            assert (await new.http.get(path, params={"quoteId": quote["quoteId"]})).status_code == 200


async def test_routes_and_estimates_need_no_key(shared_partner: Partner) -> None:
    nobody = {"Authorization": ""}
    routes = await shared_partner.http.get("/v1/orchestration/routes", headers=nobody)
    estimate = await shared_partner.http.get("/v1/orchestration/estimate", params=USDC_TO_BTC, headers=nobody)
    pairs = {(r["sourceChain"], r["sourceAsset"], r["destinationChain"]) for r in routes.json()["routes"]}
    assert ("base", "USDC", "spark") in pairs
    assert int(estimate.json()["estimatedOut"]) > 0


async def test_quotes_and_orders_of_another_partner_are_not_found() -> None:
    async with running_sandbox(api_keys={"fn_a": "par_a", "fn_b": "par_b"}, step_seconds=0) as (base_url, control):
        ours, theirs = Partner(base_url, "fn_a"), Partner(base_url, "fn_b")
        async with ours.http, theirs.http:
            quote = await ours.quote()
            proof = await control.deposit(quote["quoteId"])
            assert code_of(await theirs.submit(quote, proof)) == (404, "not_found")
            order_id = (await ours.submit(quote, proof)).json()["orderId"]
            assert code_of(await theirs.status(id=order_id)) == (404, "not_found")
            query = {"txHash": proof["txHash"], "sourceChain": "base"}
            assert code_of(await theirs.status(**query)) == (404, "not_found")
            assert (await ours.status(**query)).json()["order"]["id"] == order_id


@pytest.mark.parametrize(
    ("method", "path", "refusal"),
    [("GET", "/v1/nothing", (404, "not_found")), ("GET", "/v1/orchestration/quote", (405, "method_not_allowed"))],
)
async def test_an_unknown_path_answers_with_the_envelope(
    shared_partner: Partner, method: str, path: str, refusal: tuple[int, str]
) -> None:
    assert code_of(await shared_partner.http.request(method, path)) == refusal
