"""Idempotency: one effect for each partner, endpoint and key."""

import asyncio

import pytest

from baton.local.sandbox.control import SandboxControl
from tests.eventually import eventually
from tests.local.sandbox.partner import USDC_TO_BTC, Partner, code_of
from tests.sandbox_server import running_sandbox

QUOTE = "/v1/orchestration/quote"


async def test_a_mutating_call_without_a_key_is_refused(shared_partner: Partner) -> None:
    answer = await shared_partner.http.post(QUOTE, json=USDC_TO_BTC)
    assert code_of(answer) == (400, "missing_idempotency_key")


@pytest.mark.parametrize("key", ["x" * 256, b"caf\xe9"])
async def test_a_malformed_key_is_refused(shared_partner: Partner, key: str | bytes) -> None:
    headers = [(b"X-Idempotency-Key", key if isinstance(key, bytes) else key.encode())]
    answer = await shared_partner.http.post(QUOTE, json=USDC_TO_BTC, headers=headers)
    assert code_of(answer) == (400, "invalid_idempotency_key")


async def test_a_repeat_gets_the_first_answer_marked_as_replayed(shared_partner: Partner) -> None:
    first = await shared_partner.request_quote(USDC_TO_BTC, key="repeat")
    shuffled = dict(reversed(USDC_TO_BTC.items()))
    second = await shared_partner.request_quote(shuffled, key="repeat")
    assert second.json() == first.json()
    assert "X-Idempotency-Replayed" not in first.headers
    assert second.headers["X-Idempotency-Replayed"] == "true"


async def test_a_stored_refusal_is_replayed(partner: Partner, control: SandboxControl) -> None:
    quote = await partner.quote()
    missing = await partner.submit(quote, {"txHash": "0x" + "1" * 64}, key="early")
    proof = await control.deposit(quote["quoteId"], txHash="0x" + "1" * 64)
    again = await partner.submit(quote, {"txHash": proof["txHash"]}, key="early")
    assert code_of(missing) == code_of(again) == (404, "tx_not_found")
    assert again.headers["X-Idempotency-Replayed"] == "true"
    assert (await partner.submit(quote, proof, key="later")).status_code == 200


async def test_a_refusal_for_missing_evidence_can_be_unstored() -> None:
    async with running_sandbox(stores_missing=False, missing_status=400) as (base_url, control):
        partner = Partner(base_url)
        async with partner.http:
            quote = await partner.quote()
            assert code_of(await partner.submit(quote, {"txHash": "0xabc"}, key="same")) == (400, "tx_not_found")
            await control.deposit(quote["quoteId"], txHash="0xabc")
            assert (await partner.submit(quote, {"txHash": "0xabc"}, key="same")).status_code == 200


async def test_another_body_under_the_same_key_is_a_conflict(shared_partner: Partner) -> None:
    await shared_partner.request_quote(USDC_TO_BTC, key="twice")
    answer = await shared_partner.request_quote({**USDC_TO_BTC, "amount": "5000000"}, key="twice")
    assert code_of(answer) == (409, "idempotency_conflict")


async def test_a_repeat_while_the_first_call_runs_is_refused_with_retry_after(
    partner: Partner, control: SandboxControl
) -> None:
    await control.fault("quote", "slow", seconds=60)
    first = asyncio.create_task(partner.request_quote(USDC_TO_BTC, key="slow"))
    await eventually(control.requests, lambda calls: len(calls) == 1)
    second = await partner.request_quote(USDC_TO_BTC, key="slow")
    assert code_of(second) == (409, "idempotency_in_progress")
    assert int(second.headers["Retry-After"]) >= 1
    await control.advance_clock(60)
    assert (await first).status_code == 200
    assert (await partner.request_quote(USDC_TO_BTC, key="slow")).json() == (await first).json()


@pytest.mark.parametrize(("status", "code"), [(503, "service_unavailable"), (429, "rate_limited")])
async def test_a_503_or_429_leaves_the_key_free(
    partner: Partner, control: SandboxControl, status: int, code: str
) -> None:
    await control.fault("quote", "error", status=status, code=code, headers={"Retry-After": "7"})
    failed = await partner.request_quote(USDC_TO_BTC, key="k")
    assert code_of(failed) == (status, code)
    assert failed.headers["Retry-After"] == "7"
    second = await partner.request_quote(USDC_TO_BTC, key="k")
    assert second.status_code == 200
    assert "X-Idempotency-Replayed" not in second.headers


async def test_equal_keys_of_other_endpoints_and_partners_do_not_conflict() -> None:
    async with running_sandbox(api_keys={"fn_a": "par_a", "fn_b": "par_b"}) as (base_url, _):
        ours, theirs = Partner(base_url, "fn_a"), Partner(base_url, "fn_b")
        async with ours.http, theirs.http:
            first = await ours.request_quote(USDC_TO_BTC, key="k")
            other = await theirs.request_quote({**USDC_TO_BTC, "amount": "7000000"}, key="k")
            hook = await ours.post("/v1/webhooks", {"url": "http://127.0.0.1:9/hook"}, key="k")
            assert [answer.status_code for answer in (first, other, hook)] == [200, 200, 200]


async def test_a_body_that_is_not_json_is_refused(shared_partner: Partner) -> None:
    headers = {"X-Idempotency-Key": "form", "Content-Type": "application/x-www-form-urlencoded"}
    answer = await shared_partner.http.post(QUOTE, content=b"amount=1", headers=headers)
    assert code_of(answer) == (415, "unsupported_media_type")


async def test_a_body_beyond_a_mebibyte_is_refused(shared_partner: Partner) -> None:
    answer = await shared_partner.request_quote({**USDC_TO_BTC, "padding": "x" * (1 << 20)})
    assert code_of(answer) == (413, "payload_too_large")


@pytest.mark.parametrize("content", [b"{", b"[]", b"null", b"\xff"])
async def test_a_body_that_is_not_an_object_is_refused_and_not_stored(shared_partner: Partner, content: bytes) -> None:
    headers = {"X-Idempotency-Key": f"broken-{content!r}", "Content-Type": "application/json"}
    answer = await shared_partner.http.post(QUOTE, content=content, headers=headers)
    assert code_of(answer) == (400, "invalid_request")
    repaired = await shared_partner.request_quote(USDC_TO_BTC, key=f"broken-{content!r}")
    assert repaired.status_code == 200
