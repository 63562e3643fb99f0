"""Choosing the scenario of one order: for a recipient's next quote, or with the deposit itself."""

import pytest

from baton.local.sandbox.control import SandboxControl, SandboxRefused
from tests.eventually import eventually
from tests.local.sandbox.partner import USDC_TO_BTC, Partner
from tests.local.sandbox.test_resources import ACCUMULATION

_RECIPIENT = USDC_TO_BTC["recipientAddress"]


async def _scenarios(control: SandboxControl) -> list[str]:
    return [quote["scenario"] for quote in await control.quotes()]


async def test_a_choice_for_once_counts_for_the_next_quote_alone(partner: Partner, control: SandboxControl) -> None:
    await control.set_next_scenario("refunded", _RECIPIENT)
    await partner.quote()
    await partner.quote()

    assert await _scenarios(control) == ["refunded", "happy"]


async def test_a_choice_for_once_can_be_taken_back(partner: Partner, control: SandboxControl) -> None:
    await control.set_next_scenario("refunded", _RECIPIENT)
    await control.set_next_scenario(None, _RECIPIENT)
    await partner.quote()

    assert await _scenarios(control) == ["happy"]


async def test_a_choice_for_once_needs_a_recipient(control: SandboxControl) -> None:
    with pytest.raises(SandboxRefused, match="once: needs recipientAddress"):
        await control._post("/scenario", {"scenario": "refunded", "once": True})


async def test_a_deposit_can_choose_the_scenario_of_its_order(partner: Partner, control: SandboxControl) -> None:
    quote = await partner.quote()
    await control.deposit(quote["quoteId"], scenario="detected_without_submit")

    orders = await eventually(control.orders, lambda orders: [order["status"] for order in orders] == ["completed"])
    assert orders[0]["scenario"] == "detected_without_submit"


async def test_a_deposit_to_an_address_can_choose_the_scenario(partner: Partner, control: SandboxControl) -> None:
    created = await partner.post("/v1/accumulation-addresses", ACCUMULATION)
    address = created.json()["depositAddress"]
    await control.deposit(deposit_address=address, amount=50_000_000, scenario="refunded")
    await control.deposit(deposit_address=address, amount=50_000_000)

    ended = await eventually(
        control.orders, lambda orders: {order["status"] for order in orders} == {"refunded", "completed"}
    )
    assert len(ended) == 2


async def test_a_deposit_to_an_address_can_be_held_by_its_scenario(partner: Partner, control: SandboxControl) -> None:
    created = await partner.post("/v1/accumulation-addresses", ACCUMULATION)
    await control.deposit(deposit_address=created.json()["depositAddress"], amount=50_000_000, scenario="held_deposit")

    assert [deposit["held"] for deposit in await control.deposits()] == ["standing_route_unavailable"]


async def test_a_quote_expires_by_itself_and_others_stay(partner: Partner, control: SandboxControl) -> None:
    first, _ = await partner.quote(), await partner.quote()
    await control.expire(first["quoteId"])

    assert [quote["expired"] for quote in await control.quotes()] == [True, False]


async def test_health_says_that_this_is_a_sandbox(control: SandboxControl) -> None:
    assert (await control.health())["service"] == "baton-sandbox"
