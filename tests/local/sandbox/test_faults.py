"""Faults of API calls: what the caller gets, and whether the call had its effect."""

import asyncio

import httpx
import pytest

from baton.local.sandbox.control import SandboxControl, SandboxRefused
from tests.eventually import eventually
from tests.local.sandbox.partner import USDC_TO_BTC, Partner, code_of

IMPATIENT = httpx.Timeout(0.2)


async def _paid(partner: Partner, control: SandboxControl) -> tuple[dict[str, str], dict[str, str]]:
    await control.set_scenario("stepped")
    quote = await partner.quote()
    return quote, await control.deposit(quote["quoteId"])


async def test_an_error_fault_hits_the_given_number_of_calls_without_effect(
    partner: Partner, control: SandboxControl
) -> None:
    quote, proof = await _paid(partner, control)
    await control.fault("submit", "error", status=502, code="bad_gateway", times=2)
    for _ in range(2):
        assert code_of(await partner.submit(quote, proof, key="s")) == (502, "bad_gateway")
    assert await control.orders() == []
    assert (await partner.submit(quote, proof, key="s")).status_code == 200


async def test_an_error_after_the_effect_keeps_the_effect(partner: Partner, control: SandboxControl) -> None:
    quote, proof = await _paid(partner, control)
    await control.fault("submit", "error", status=500, code="internal_error", afterEffect=True)
    assert (await partner.submit(quote, proof, key="s")).status_code == 500
    [order] = await control.orders()
    again = await partner.submit(quote, proof, key="s")
    assert again.json()["orderId"] == order["id"]


async def test_an_injected_refusal_is_stored_like_a_real_one(partner: Partner, control: SandboxControl) -> None:
    quote, proof = await _paid(partner, control)
    await control.fault("submit", "error", status=409, code="conflict")
    for key, status in (("s", 409), ("s", 409), ("t", 200)):
        assert (await partner.submit(quote, proof, key=key)).status_code == status


async def test_a_timeout_before_the_effect_has_no_effect(partner: Partner, control: SandboxControl) -> None:
    quote, proof = await _paid(partner, control)
    fault = await control.fault("submit", "timeout_before")
    partner.http.timeout = IMPATIENT
    with pytest.raises(httpx.ReadTimeout):
        await partner.submit(quote, proof, key="s")
    [call] = await control.requests("submit")
    assert (call["status"], call["fault"]) == (None, fault)
    await control.release(fault)
    assert await control.orders() == []


@pytest.mark.parametrize("kind", ["timeout_after", "hold_after"])
async def test_a_withheld_answer_had_its_effect_and_is_in_the_journal(
    partner: Partner, control: SandboxControl, kind: str
) -> None:
    quote, proof = await _paid(partner, control)
    await control.fault("submit", kind)
    partner.http.timeout = IMPATIENT
    with pytest.raises(httpx.ReadTimeout):
        await partner.submit(quote, proof, key="s")
    [order] = await control.orders()
    [call] = await control.requests("submit")
    assert (call["idempotencyKey"], call["status"], call["replayed"]) == ("s", 200, False)
    assert call["body"] == {"quoteId": quote["quoteId"], **proof}
    retried = await partner.submit(quote, proof, key="s")
    assert retried.json()["orderId"] == order["id"]
    assert retried.headers["X-Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("end", ["release", "remove"])
async def test_a_withheld_answer_is_sent_when_its_fault_ends(
    partner: Partner, control: SandboxControl, end: str
) -> None:
    quote, proof = await _paid(partner, control)
    fault = await control.fault("submit", "hold_after")
    waiting = asyncio.create_task(partner.submit(quote, proof))
    await eventually(lambda: control.requests("submit"), lambda calls: bool(calls) and calls[0]["status"] == 200)
    assert not waiting.done()
    await (control.release(fault) if end == "release" else control.remove_fault(fault))
    assert (await waiting).json()["orderId"] == (await control.orders())[0]["id"]


async def test_a_withheld_answer_can_be_released_after_seconds(partner: Partner, control: SandboxControl) -> None:
    await control.fault("quote", "hold_after", seconds=30)
    waiting = asyncio.create_task(partner.quote())
    await eventually(control.quotes, lambda quotes: len(quotes) == 1)
    await control.advance_clock(30)
    assert (await waiting)["quoteId"] == (await control.quotes())[0]["id"]


async def test_a_reset_connection_had_its_effect(partner: Partner, control: SandboxControl) -> None:
    quote, proof = await _paid(partner, control)
    await control.fault("submit", "reset")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await partner.submit(quote, proof, key="s")
    [order] = await control.orders()
    assert (await partner.submit(quote, proof, key="s")).json()["orderId"] == order["id"]


async def test_a_truncated_answer_ends_within_its_body(partner: Partner, control: SandboxControl) -> None:
    await control.fault("quote", "truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        await partner.request_quote(USDC_TO_BTC)
    assert len(await control.quotes()) == 1


async def test_a_wrong_content_type_answers_with_a_page(partner: Partner, control: SandboxControl) -> None:
    await control.fault("quote", "wrong_content_type")
    answer = await partner.request_quote(USDC_TO_BTC)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert len(await control.quotes()) == 1


async def test_a_slow_call_waits_before_the_effect(partner: Partner, control: SandboxControl) -> None:
    await control.fault("quote", "slow", seconds=600)
    slow = asyncio.create_task(partner.quote())
    await eventually(control.requests, lambda calls: len(calls) == 1)
    assert await control.quotes() == []
    await control.advance_clock(600)
    await slow
    assert len(await control.quotes()) == 1


async def test_a_fault_of_one_quote_does_not_hit_others(partner: Partner, control: SandboxControl) -> None:
    first, second = await partner.quote(), await partner.quote()
    await control.fault("any", "error", quoteId=second["quoteId"], times=9)
    assert (await partner.status(quoteId=first["quoteId"])).status_code == 404
    assert (await partner.status(quoteId=second["quoteId"])).status_code == 503
    await control.fault("order", "error")
    assert (await partner.status(quoteId=first["quoteId"])).status_code == 404


async def test_a_fault_of_a_quote_also_hits_calls_about_its_order(partner: Partner, control: SandboxControl) -> None:
    quote, proof = await _paid(partner, control)
    order_id = (await partner.submit(quote, proof)).json()["orderId"]
    await control.fault("status", "error", quoteId=quote["quoteId"])
    assert (await partner.status(id=order_id)).status_code == 503


async def test_every_call_is_in_the_journal_with_its_answer(partner: Partner, control: SandboxControl) -> None:
    await partner.request_quote(USDC_TO_BTC, key="k")
    await partner.request_quote(USDC_TO_BTC, key="k")
    await partner.status(id="ord_1")
    calls = await control.requests()
    summaries = [
        (call["endpoint"], call["method"], call["idempotencyKey"], call["status"], call["replayed"]) for call in calls
    ]
    assert summaries == [
        ("quote", "POST", "k", 200, False),
        ("quote", "POST", "k", 200, True),
        ("status", "GET", None, 404, False),
    ]
    assert calls[0]["bodyDigest"] == calls[1]["bodyDigest"] != calls[2]["bodyDigest"]
    assert calls[2]["query"] == {"id": "ord_1"}
    assert "fn_sandbox" not in str(calls)


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/faults", {"endpoint": "quote", "kind": "explode"}, "kind"),
        ("/faults", {"endpoint": "quote", "kind": "error", "count": 2}, "count"),
        ("/webhooks/faults", {"kind": "hold", "times": 0}, "times"),
        ("/deposits", {}, "quoteId or depositAddress"),
        ("/deposits", {"quoteId": "q_1", "amount": 0}, "amount"),
        ("/clock", {"advance": -1}, "advance"),
        ("/market", {"prices": {"DOGE": 1}}, "DOGE"),
        ("/orders/ord_1/advance", {"status": "done"}, "status"),
    ],
)
async def test_a_wrong_admin_call_names_the_field(
    shared_partner: Partner, path: str, body: dict[str, object], named: str
) -> None:
    answer = await shared_partner.http.post(f"/sandbox{path}", json=body)
    assert code_of(answer) == (400, "invalid_request")
    assert named in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/faults/fault_9/release", "/quotes/q_1/scenario", "/orders/ord_1/advance"])
async def test_an_admin_call_about_an_unknown_thing_is_not_found(shared_partner: Partner, path: str) -> None:
    body = {"scenario": "happy"} if path.endswith("scenario") else {}
    assert code_of(await shared_partner.http.post(f"/sandbox{path}", json=body)) == (404, "not_found")


async def test_a_deposit_for_an_unknown_quote_is_not_found(control: SandboxControl) -> None:
    for query in ({"quote_id": "q_none"}, {"deposit_address": "0xnone"}):
        with pytest.raises(SandboxRefused, match="not_found"):
            await control.deposit(**query)
