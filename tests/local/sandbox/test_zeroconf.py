"""ZeroConf offers: their fields, the decisions about them, and decisions that come too late."""

import json
from datetime import datetime

import httpx
import pytest

from baton.local.sandbox.control import SandboxControl
from tests.eventually import eventually
from tests.local.sandbox.partner import BITCOIN_TO_USDC, EXACT_OUT, USDC_TO_BTC, Document, Partner, Receiver, code_of
from tests.sandbox_server import running_sandbox

FIELDS = {
    *("version", "status", "quoteId", "sparkAddress", "txid", "vout", "depositSats", "instantSats", "holdbackSats"),
    *("feeSats", "confirmationProbability", "expiresAt", "offeredAt", "resolvedAt"),
}
CONFIRMED = ["processing", "awaiting_approval", "confirming", "swapping", "bridging", "delivering", "completed"]
ACCEPTED = ["processing", "awaiting_approval", "processing", "swapping", "bridging", "delivering", "completed"]
PLAIN = ["processing", "confirming", "swapping", "bridging", "delivering", "completed"]


async def _paid(partner: Partner, control: SandboxControl, scenario: str, body: Document = BITCOIN_TO_USDC) -> Document:
    quote = await partner.quote(body)
    await control.set_scenario(scenario, quote["quoteId"])
    await partner.submit(quote, await control.deposit(quote["quoteId"]))
    return quote


async def _decide(partner: Partner, order_id: str, verb: str, *, key: str | None = None) -> httpx.Response:
    return await partner.post(f"/v1/orchestration/zeroconf/{verb}", {"orderId": order_id}, key=key)


async def _stages(partner: Partner, order: Document) -> list[str]:
    return [stage["name"] for stage in (await partner.status(id=order["id"])).json()["stages"]]


async def _moves(control: SandboxControl) -> list[str]:
    [order] = await control.orders()
    return [move["status"] for move in order["moves"]]


async def test_an_offer_states_its_credit_and_its_deadline(partner: Partner, control: SandboxControl) -> None:
    order = await partner.wait_until(await _paid(partner, control, "zeroconf_offer"), "awaiting_approval")
    offer = order["zeroconfOffer"]
    life = datetime.fromisoformat(offer["expiresAt"]) - datetime.fromisoformat(offer["offeredAt"])
    assert set(offer) == FIELDS
    assert (offer["status"], offer["resolvedAt"], offer["txid"]) == ("pending", None, order["sourceTxHash"])
    assert int(offer["depositSats"]) - int(offer["feeSats"]) == int(offer["instantSats"]) == 99_800
    assert life.total_seconds() == 300
    assert await _stages(partner, order) == ["zeroconf_offer_pending"]


async def test_an_accepted_offer_swaps_the_credit_at_once(
    partner: Partner, control: SandboxControl, receiver: Receiver
) -> None:
    await partner.post("/v1/webhooks", {"url": receiver.url})
    quote = await _paid(partner, control, "zeroconf_accept_path")
    order = await partner.wait_until(quote, "awaiting_approval")
    answer = await _decide(partner, order["id"], "accept")
    assert answer.json() == {"orderId": order["id"], "status": "processing"}
    order = await partner.wait_until(quote, "completed")
    stages = await _stages(partner, order)
    assert await _moves(control) == ACCEPTED
    assert (order["zeroconfOffer"]["status"], order["amountIn"]) == ("accepted", "100000")
    assert order["zeroconfOffer"]["resolvedAt"] is not None
    assert 0 < int(order["amountOut"]) < int(quote["estimatedOut"])
    assert stages[:4] == ["zeroconf_offer_pending", "zeroconf_offer_accepted", "zeroconf_accepted", "deposit_claimed"]
    events = [json.loads(webhook.body) for webhook in await receiver.wait_for(len(ACCEPTED))]
    offers = {event["event"]: event["data"].get("zeroconfOffer", {}).get("status") for event in events}
    assert (offers["order.awaiting_approval"], offers["order.completed"]) == ("pending", "accepted")


async def test_a_declined_offer_waits_for_its_confirmation(partner: Partner, control: SandboxControl) -> None:
    quote = await _paid(partner, control, "zeroconf_offer")
    order = await partner.wait_until(quote, "awaiting_approval")
    body = {"orderId": order["id"], "reason": "too dear"}
    answer = await partner.post("/v1/orchestration/zeroconf/decline", body)
    assert answer.json() == {"orderId": order["id"], "status": "confirming"}
    order = await partner.wait_until(quote, "completed")
    assert await _moves(control) == CONFIRMED
    assert (order["zeroconfOffer"]["status"], order["amountOut"]) == ("declined", quote["estimatedOut"])
    assert (await _stages(partner, order))[:3] == [
        "zeroconf_offer_pending",
        "zeroconf_offer_declined",
        "deposit_confirmed",
    ]


async def test_an_unanswered_offer_expires_at_its_deadline(partner: Partner, control: SandboxControl) -> None:
    quote = await _paid(partner, control, "zeroconf_offer")
    await partner.wait_until(quote, "awaiting_approval")
    await control.advance_clock(298)
    assert (await partner.order(quote))["status"] == "awaiting_approval"
    await control.advance_clock(3)
    order = await partner.wait_until(quote, "completed")
    assert await _moves(control) == CONFIRMED
    assert order["zeroconfOffer"]["status"] == "expired"


@pytest.mark.parametrize(
    ("scenario", "offer", "moves"),
    [
        ("zeroconf_lapses", "expired", CONFIRMED),
        ("zeroconf_confirmed_meanwhile", "confirmed", CONFIRMED),
        ("zeroconf_accepted_elsewhere", "accepted", ACCEPTED),
    ],
)
async def test_an_offer_can_be_resolved_without_the_partner(
    partner: Partner, control: SandboxControl, scenario: str, offer: str, moves: list[str]
) -> None:
    order = await partner.wait_until(await _paid(partner, control, scenario), "completed")
    assert await _moves(control) == moves
    assert order["zeroconfOffer"]["status"] == offer


@pytest.mark.parametrize("verb", ["accept", "decline"])
@pytest.mark.parametrize(
    ("scenario", "refusal", "offer"),
    [
        ("zeroconf_expired_409", (409, "expired"), "expired"),
        ("zeroconf_expired_400", (400, "invalid_state"), "expired"),
        ("zeroconf_confirmed_at_decision", (400, "invalid_state"), "confirmed"),
    ],
)
async def test_a_late_decision_is_refused_and_the_order_completes(
    partner: Partner, control: SandboxControl, verb: str, scenario: str, refusal: tuple[int, str], offer: str
) -> None:
    quote = await _paid(partner, control, scenario)
    order = await partner.wait_until(quote, "awaiting_approval")
    assert code_of(await _decide(partner, order["id"], verb)) == refusal
    order = await partner.wait_until(quote, "completed")
    assert await _moves(control) == CONFIRMED
    assert order["zeroconfOffer"]["status"] == offer


async def test_a_denied_offer_is_recorded_and_cannot_be_accepted(partner: Partner, control: SandboxControl) -> None:
    quote = await _paid(partner, control, "zeroconf_denied")
    order = await partner.wait_until(quote, "completed")
    assert (order["zeroconfOffer"]["status"], set(order["zeroconfOffer"])) == ("denied", {"status", "deniedAt"})
    assert await _moves(control) == PLAIN
    assert code_of(await _decide(partner, order["id"], "accept")) == (400, "invalid_state")


async def test_a_decision_is_replayed_under_its_key_alone(partner: Partner, control: SandboxControl) -> None:
    quote = await _paid(partner, control, "zeroconf_offer")
    order = await partner.wait_until(quote, "awaiting_approval")
    first, again = [await _decide(partner, order["id"], "accept", key="a") for _ in range(2)]
    await partner.wait_until(quote, "completed")
    assert first.json() == again.json()
    assert again.headers["X-Idempotency-Replayed"] == "true"
    assert code_of(await _decide(partner, order["id"], "accept", key="b")) == (400, "invalid_state")
    assert code_of(await _decide(partner, order["id"], "decline", key="c")) == (400, "invalid_state")
    conflict = await partner.post("/v1/orchestration/zeroconf/accept", {"orderId": "ord_x"}, key="a")
    assert code_of(conflict) == (409, "idempotency_conflict")


async def test_generation_g3_refuses_a_wrong_decision_with_409() -> None:
    async with running_sandbox(step_seconds=0, generation="g3") as (base_url, control):
        partner = Partner(base_url)
        async with partner.http:
            quote = await _paid(partner, control, "happy")
            order = await partner.wait_until(quote, "completed")
            assert code_of(await _decide(partner, order["id"], "accept")) == (409, "invalid_state")


async def test_an_operators_hold_is_not_an_offer(partner: Partner, control: SandboxControl) -> None:
    quote = await _paid(partner, control, "operator_hold")
    order = await partner.wait_until(quote, "awaiting_approval")
    assert "zeroconfOffer" not in order
    assert code_of(await _decide(partner, order["id"], "accept")) == (400, "invalid_state")
    await control.advance_clock(86_400)
    assert (await partner.order(quote))["status"] == "awaiting_approval"
    await control.advance(quote["quoteId"])
    await partner.wait_until(quote, "completed")
    assert await control.violations() == []


@pytest.mark.parametrize(
    ("body", "amount"),
    [
        (USDC_TO_BTC, None),
        (EXACT_OUT, None),
        ({**BITCOIN_TO_USDC, "zeroconfEnabled": False}, None),
        ({**BITCOIN_TO_USDC, "amount": "2000"}, 1_000),
    ],
    ids=["another chain", "exact out", "opted out", "credit too small"],
)
async def test_a_deposit_without_the_conditions_gets_no_offer(
    partner: Partner, control: SandboxControl, body: Document, amount: int | None
) -> None:
    quote = await partner.quote(body)
    await control.set_scenario("zeroconf_offer", quote["quoteId"])
    await partner.submit(quote, await control.deposit(quote["quoteId"], amount=amount))
    order = await partner.wait_until(quote, "completed")
    assert "zeroconfOffer" not in order
    assert "awaiting_approval" not in await _moves(control)


async def test_without_a_scenario_a_bitcoin_deposit_gets_no_offer(partner: Partner, control: SandboxControl) -> None:
    quote = await partner.quote(BITCOIN_TO_USDC)
    await partner.submit(quote, await control.deposit(quote["quoteId"]))
    await partner.wait_until(quote, "completed")
    assert await _moves(control) == PLAIN


async def test_offers_differ_in_their_probability_and_fee(partner: Partner, control: SandboxControl) -> None:
    offers = {}
    for scenario in ("zeroconf_accept_path", "zeroconf_poor_odds", "zeroconf_without_probability"):
        order = await partner.wait_until(await _paid(partner, control, scenario), "awaiting_approval")
        offers[scenario] = order["zeroconfOffer"]
    good, poor = offers["zeroconf_accept_path"], offers["zeroconf_poor_odds"]
    assert good["confirmationProbability"] > 0.99 > poor["confirmationProbability"]
    assert int(good["feeSats"]) < int(poor["feeSats"])
    assert "confirmationProbability" not in offers["zeroconf_without_probability"]


async def test_an_offer_of_another_partner_is_not_found() -> None:
    keys = {"fn_a": "par_a", "fn_b": "par_b"}
    async with running_sandbox(api_keys=keys, step_seconds=0) as (base_url, control):
        ours, theirs = Partner(base_url, "fn_a"), Partner(base_url, "fn_b")
        async with ours.http, theirs.http:
            quote = await _paid(ours, control, "zeroconf_offer")
            order = await ours.wait_until(quote, "awaiting_approval")
            assert code_of(await _decide(theirs, order["id"], "accept")) == (404, "not_found")


async def test_a_decision_can_have_its_effect_and_lose_its_answer(partner: Partner, control: SandboxControl) -> None:
    quote = await _paid(partner, control, "zeroconf_offer")
    order = await partner.wait_until(quote, "awaiting_approval")
    await control.fault("zeroconf", "error", status=502, code="bad_gateway", afterEffect=True, quoteId=quote["quoteId"])
    assert (await _decide(partner, order["id"], "accept", key="z")).status_code == 502

    async def read() -> Document:
        return (await partner.order(quote))["zeroconfOffer"]

    await eventually(read, lambda offer: offer["status"] == "accepted")
    assert code_of(await _decide(partner, order["id"], "accept", key="z")) == (400, "invalid_state")
