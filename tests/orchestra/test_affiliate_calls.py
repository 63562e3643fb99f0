"""Affiliates are registered, claimed and listed as the API documents it."""

import json
from typing import Any

import httpx
import pytest

from baton.orchestra.affiliate_models import AffiliateTerms
from baton.orchestra.calls.affiliates import CLAIMS_PER_PAGE
from baton.orchestra.errors import MalformedAnswer, Refused
from baton.orchestra.rules.affiliates import SettlementLedger
from tests.orchestra.calling import Recorder, client_of

TERMS = AffiliateTerms(fee_bps=50, payout_chain="base", payout_asset="USDC", payout_address="0x1")
PROFILE = {
    "affiliateId": "flashpartner",
    "settlementChain": "base",
    "settlementAsset": "USDC",
    "recipientAddress": "0xYourBaseUsdcAddress",
    "feeBps": 50,
    "enabled": True,
    "createdAt": "2026-02-12T18:00:00.000Z",
    "updatedAt": "2026-02-12T18:00:00.000Z",
}
"""A profile of an older account, as documented."""

CLAIM = {
    "id": "clm_1",
    "affiliateId": "flashpartner",
    "amount": "1598400",
    "settlementChain": "solana",
    "settlementAsset": "USDC",
    "status": "processing",
    "attempts": 0,
    "createdAt": "2026-02-12T18:00:00.000Z",
}


async def test_an_affiliate_is_put_with_its_terms() -> None:
    seen = Recorder({"affiliate": PROFILE})
    async with client_of(seen) as api:
        registered = await api.put_affiliate("flashpartner", TERMS, "put:1")

    assert (seen.asked.method, seen.asked.url.path) == ("PUT", "/v1/affiliates/flashpartner")
    assert json.loads(seen.asked.content) == {
        "feeBps": 50,
        "payoutChain": "base",
        "payoutAsset": "USDC",
        "payoutAddress": "0x1",
    }
    assert registered.affiliate.recipient_address == "0xYourBaseUsdcAddress"
    assert registered.affiliate.enabled


@pytest.mark.parametrize("answer", [{"claim": CLAIM}, CLAIM])
async def test_a_claim_has_no_body_and_may_be_answered_bare(answer: dict[str, Any]) -> None:
    seen = Recorder(answer, status=201)
    async with client_of(seen) as api:
        made = await api.claim_balance("flashpartner", "claim:1")

    assert (seen.asked.method, seen.asked.url.path) == ("POST", "/v1/affiliates/flashpartner/claim")
    assert (seen.asked.content, seen.asked.headers["X-Idempotency-Key"]) == (b"", "claim:1")
    assert (made.claim.id, made.claim.amount) == ("clm_1", 1_598_400)


async def test_a_claim_of_one_of_several_balances_names_it() -> None:
    seen = Recorder({"claim": CLAIM})
    async with client_of(seen) as api:
        await api.claim_balance("flashpartner", "claim:1", SettlementLedger("spark", "USDB"))

    assert json.loads(seen.asked.content) == {"settlementChain": "spark", "settlementAsset": "USDB"}


@pytest.mark.parametrize("says_next", [True, False])
async def test_claims_are_read_to_the_last_page(says_next: bool) -> None:
    everything = [{**CLAIM, "id": f"clm_{number}"} for number in range(2 * CLAIMS_PER_PAGE + 1)]

    def answer(request: httpx.Request) -> httpx.Response:
        offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
        page: dict[str, Any] = {"claims": everything[offset : offset + limit]}
        if says_next:
            page["nextOffset"] = offset + limit if offset + limit < len(everything) else None
        return httpx.Response(200, json=page)

    async with client_of(answer) as api:
        claims = await api.claims("flashpartner")

    assert [claim.id for claim in claims] == [claim["id"] for claim in everything]


async def test_a_list_of_claims_that_cannot_be_read_is_an_error() -> None:
    async with client_of(Recorder({"claims": [{"status": "completed"}]})) as api:
        with pytest.raises(MalformedAnswer):
            await api.claims("flashpartner")


async def test_affiliates_are_listed_with_the_disabled_ones_on_request() -> None:
    seen = Recorder({"affiliates": [PROFILE, {"feeBps": 1}]})
    async with client_of(seen) as api:
        affiliates = await api.affiliates(include_disabled=True)

    assert [affiliate.affiliate_id for affiliate in affiliates] == ["flashpartner"]
    assert seen.asked.url.params["includeDisabled"] == "true"


async def test_disabling_an_unknown_affiliate_is_refused() -> None:
    seen = Recorder({"error": {"code": "not_found", "message": "no affiliate"}}, status=404)
    async with client_of(seen) as api:
        with pytest.raises(Refused, match="not_found"):
            await api.disable_affiliate("nobody", "disable:1")

    assert (seen.asked.method, seen.asked.url.path) == ("DELETE", "/v1/affiliates/nobody")
