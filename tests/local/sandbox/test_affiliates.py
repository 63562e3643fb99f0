"""Affiliates at the sandbox: fees of completed orders accrue, and a claim pays out a whole balance."""

from typing import Any

import httpx
import pytest

from baton.local.sandbox.control import SandboxControl
from tests.eventually import eventually
from tests.local.sandbox.partner import EVM, LIGHTNING_TO_USDB, USDC_TO_BTC, Document, Partner, code_of
from tests.sandbox_server import running_sandbox

TERMS = {"feeBps": 100, "payoutChain": "base", "payoutAsset": "USDC", "payoutAddress": EVM}
FEE = 999_000
"""The fee of 100 USDC: the platform takes 10 basis points first, the affiliate 100 of what is left."""


async def put(partner: Partner, name: str = "friend", **changes: Any) -> httpx.Response:
    body = {**TERMS, **changes}
    return await partner.http.put(f"/v1/affiliates/{name}", json=body, headers={"X-Idempotency-Key": f"{name}{body}"})


async def claim(partner: Partner, key: str = "claim:1", **body: str) -> httpx.Response:
    fields = {"json": body} if body else {}
    return await partner.http.post("/v1/affiliates/friend/claim", headers={"X-Idempotency-Key": key}, **fields)


async def claims(partner: Partner, **query: str) -> Document:
    document: Document = (await partner.http.get("/v1/affiliates/friend/claims", params=query)).json()
    return document


async def earn(partner: Partner, control: SandboxControl, **changes: Any) -> None:
    """Complete one order whose fee goes to the affiliate."""
    quote = await partner.quote({**USDC_TO_BTC, "affiliateId": "friend", **changes})
    await control.deposit(quote["quoteId"], detect=True)
    await partner.wait_until(quote, "completed")


async def test_an_affiliate_is_registered_changed_listed_and_disabled(partner: Partner) -> None:
    made = (await put(partner)).json()["affiliate"]
    changed = (await put(partner, feeBps=30)).json()["affiliate"]
    await put(partner, "other")

    assert made.items() >= {"affiliateId": "friend", "enabled": True, **TERMS}.items()
    assert (changed["feeBps"], changed["createdAt"]) == (30, made["createdAt"])
    deleted = await partner.http.delete("/v1/affiliates/friend", headers={"X-Idempotency-Key": "d"})
    assert deleted.json() == {"ok": True}

    async def names(**query: str) -> list[str]:
        listed = (await partner.http.get("/v1/affiliates", params=query)).json()["affiliates"]
        return [affiliate["affiliateId"] for affiliate in listed]

    assert await names() == ["other"]
    assert await names(includeDisabled="true") == ["friend", "other"]
    assert await names(includeDisabled="true", limit="1", offset="1") == ["other"]
    assert code_of(await partner.http.get("/v1/affiliates?limit=0")) == (400, "invalid_query")
    missing = await partner.http.delete("/v1/affiliates/nobody", headers={"X-Idempotency-Key": "e"})
    assert code_of(missing) == (404, "not_found")


@pytest.mark.parametrize(
    ("name", "changes", "code", "named"),
    [
        ("No", {}, "invalid_request", "affiliateId"),
        ("friend", {"feeBps": 0}, "invalid_request", "feeBps"),
        ("friend", {"feeBps": 10_000}, "invalid_request", "feeBps"),
        ("friend", {"payoutAddress": None}, "invalid_request", "payoutAddress"),
        ("friend", {"payoutAddress": "spark1"}, "invalid_address", "payoutAddress"),
        ("friend", {"payoutAsset": "DOGE"}, "invalid_payout_destination", "payoutAsset"),
        ("friend", {"payoutChain": "lightning", "payoutAsset": "BTC"}, "invalid_payout_destination", "lightning"),
    ],
)
async def test_a_wrong_field_of_an_affiliate_is_refused_by_name(
    shared_partner: Partner, name: str, changes: Document, code: str, named: str
) -> None:
    answer = await put(shared_partner, name, **changes)

    assert code_of(answer) == (400, code)
    assert named in answer.json()["error"]["message"]


async def test_an_order_takes_the_terms_of_its_registered_affiliate(partner: Partner) -> None:
    await put(partner)
    named = {**USDC_TO_BTC, "affiliateIds": ["friend", {"affiliateId": "friend", "feeBps": 7}]}

    fees = (await partner.quote(named))["appFees"]

    assert [(fee["feeBps"], fee["recipient"], fee["amount"]) for fee in fees] == [
        (100, EVM, str(FEE)),
        (7, EVM, "69930"),
    ]
    await partner.http.delete("/v1/affiliates/friend", headers={"X-Idempotency-Key": "d"})
    assert code_of(await partner.request_quote(named)) == (400, "invalid_request")


async def test_four_fifths_of_the_fees_accrue_and_a_claim_takes_all(partner: Partner, control: SandboxControl) -> None:
    await put(partner)
    await earn(partner, control)
    assert await control.affiliate_balances("friend") == {"base:USDC": 799_200}
    assert code_of(await claim(partner)) == (400, "amount_too_small")
    await earn(partner, control)

    answer = await claim(partner, "claim:2")

    made = answer.json()["claim"]
    assert (answer.status_code, made["amount"], made["status"]) == (201, "1598400", "processing")
    assert (made["settlementChain"], made["settlementAsset"], made["payoutAddress"]) == ("base", "USDC", EVM)
    assert await control.affiliate_balances("friend") == {"base:USDC": 0}
    paid = await eventually(lambda: claims(partner), lambda page: page["claims"][0]["status"] == "completed")
    assert paid["claims"][0]["txHash"].startswith("0x")
    one = (await partner.http.get(f"/v1/affiliates/friend/claims/{made['id']}")).json()["claim"]
    assert one == paid["claims"][0]
    assert (await claim(partner, "claim:2")).json()["claim"] == made


async def test_a_failed_claim_returns_its_amount_to_the_balance(partner: Partner, control: SandboxControl) -> None:
    await put(partner)
    await control.set_claim_payouts("fail")
    await earn(partner, control, amount="1000000000")

    await claim(partner)

    failed = await eventually(lambda: claims(partner), lambda page: page["claims"][0]["status"] == "failed")
    assert (failed["claims"][0]["txHash"], failed["claims"][0]["errorMessage"] is not None) == (None, True)
    assert await control.affiliate_balances("friend") == {"base:USDC": 7_992_000}


async def test_each_ledger_has_a_balance_and_claims_of_its_own(partner: Partner, control: SandboxControl) -> None:
    await put(partner)
    await control.set_claim_payouts("hold")
    await earn(partner, control, amount="200000000")
    await earn(partner, control, **{**LIGHTNING_TO_USDB, "amount": "1000000"})
    spark = {"settlementChain": "spark", "settlementAsset": "USDB"}

    largest, named = (
        await claim(partner),
        await claim(partner, "claim:2", settlementChain="base", settlementAsset="USDC"),
    )

    assert largest.json()["claim"].items() >= spark.items()
    assert named.json()["claim"]["settlementChain"] == "base"
    assert [each["id"] for each in (await claims(partner, **spark))["claims"]] == [largest.json()["claim"]["id"]]
    first = await claims(partner, limit="1")
    assert (first["claims"][0]["id"], first["nextOffset"]) == (named.json()["claim"]["id"], 1)
    assert (await claims(partner, limit="1", offset="1"))["nextOffset"] is None
    assert code_of(await claim(partner, "claim:3", settlementChain="base")) == (400, "invalid_request")


async def test_the_balance_of_a_disabled_affiliate_cannot_be_claimed(partner: Partner, control: SandboxControl) -> None:
    await put(partner)
    await earn(partner, control, amount="1000000000")
    await partner.http.delete("/v1/affiliates/friend", headers={"X-Idempotency-Key": "d"})

    assert code_of(await claim(partner)) == (400, "invalid_state")


async def test_an_affiliate_of_another_partner_is_not_found() -> None:
    async with running_sandbox(api_keys={"fn_a": "par_a", "fn_b": "par_b"}) as (base_url, _):
        mine, theirs = Partner(base_url, "fn_a"), Partner(base_url, "fn_b")
        async with mine.http, theirs.http:
            await put(theirs)

            assert code_of(await claim(mine)) == (404, "not_found")
            assert (await mine.http.get("/v1/affiliates")).json() == {"affiliates": []}
