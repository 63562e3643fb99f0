"""`baton estimate`: a price that is not guaranteed, and clear errors for orders that are not possible."""

import json

from tests.cli.command import Baton
from tests.cli.partner import beside_sandbox, calls_to
from tests.end_to_end.world import SPARK, USDC_TO_BTC

ROUTE = (
    "--source-chain", "base", "--source-asset", "USDC", "--destination-chain", "spark", "--destination-asset", "BTC",
)  # fmt: skip
PRICED = ("estimate", *ROUTE, "--amount", "100000000")


async def test_a_json_estimate_has_amounts_in_smallest_units(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        answer = await baton(*PRICED, "--json")

    assert answer.code == 0
    price = answer.json
    assert (price["source"], price["destination"]) == ("base:USDC", "spark:BTC")
    assert (price["amount_in"], price["amount_mode"]) == ("100000000", "exact_in")
    assert (price["source_decimals"], price["destination_decimals"]) == (6, 8)
    assert price["estimated_out"].isdigit()
    assert int(price["fee_amount"]) > 0


async def test_an_estimate_shows_whole_and_smallest_units(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        price = (await baton(*PRICED, "--json")).json
        answer = await baton(*PRICED)

    out = int(price["estimated_out"])
    assert "100 USDC (100000000 smallest units)" in answer.out
    assert f"{out / 10**8:.8f}".rstrip("0") + f" BTC ({out} smallest units)" in answer.out
    assert "not guaranteed" in answer.out


async def test_the_estimate_call_has_recipient_and_slippage(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, control):
        price = (await baton(*PRICED, "--slippage-bps", "50", "--recipient-address", SPARK, "--json")).json
        (call,) = await control.requests("estimate")

    assert call["query"]["recipientAddress"] == SPARK
    assert call["query"]["slippageBps"] == "50"
    assert price["fee_bps"] == 10


async def test_an_order_file_is_priced_with_options_applied(alone: Baton) -> None:
    order = {**USDC_TO_BTC, "reference": "invoice-1", "policy": {"maxRequotes": 1}, "refundAddress": "0xabc"}
    async with beside_sandbox(alone) as (baton, _):
        whole = await baton("estimate", "--file", "-", "--json", stdin=json.dumps(order))
        changed = await baton("estimate", "--file", "-", "--amount", "250000000", "--json", stdin=json.dumps(order))

    assert whole.json["amount_in"] == "100000000"
    assert int(changed.json["estimated_out"]) > 2 * int(whole.json["estimated_out"])


async def test_an_exact_output_is_priced_without_a_refund_address(alone: Baton) -> None:
    route = ("--source-chain", "bitcoin", "--source-asset", "BTC", "--destination-chain", "base")
    amount = ("--destination-asset", "USDC", "--amount", "50000000", "--amount-mode", "exact_out")
    async with beside_sandbox(alone) as (baton, _):
        price = (await baton("estimate", *route, *amount, "--json")).json

    assert price["estimated_out"] == "50000000"
    assert price["amount_in"] == price["required_amount_in"]
    assert int(price["max_accepted_amount_in"]) > int(price["amount_in"])


async def test_an_onramp_is_priced_as_btc_on_lightning(alone: Baton) -> None:
    onramp = {
        "kind": "onramp",
        "destinationChain": "base",
        "destinationAsset": "USDC",
        "recipientAddress": "0xDA00000000000000000000000000000000000000",
        "amount": "100000",
    }
    fiat = {name: value for name, value in onramp.items() if name != "amount"} | {"amountFiatUsd": "25.00"}
    async with beside_sandbox(alone) as (baton, _):
        priced = await baton("estimate", "--file", "-", "--json", stdin=json.dumps(onramp))
        dollars = await baton("estimate", "--file", "-", "--json", stdin=json.dumps(fiat))

    assert priced.json["source"] == "lightning:BTC"
    assert dollars.code == 2
    assert dollars.error["message"].startswith("amountFiatUsd: ")


async def test_an_impossible_order_is_refused_before_the_price_call(alone: Baton) -> None:
    cases = {
        ("--destination-asset", "DOGE"): ("unsupported_route", "(--destination-chain)", "it can become "),
        ("--source-asset", "usdc"): ("unsupported_route", "(--source-chain)", "did you mean base:USDC?"),
        ("--amount", "1"): ("amount_too_small", "(--amount)", "below the least"),
        ("--amount", "9" * 30): ("amount_too_large", "(--amount)", "above the most"),
        ("--amount-mode", "exact_out"): ("unsupported_amount_mode", "(--amount-mode)", "use exact_in"),
    }
    async with beside_sandbox(alone) as (baton, control):
        for change, (code, option, remedy) in cases.items():
            answer = await baton(*PRICED, *change, "--json")
            assert (answer.code, answer.error["code"]) == (1, code)
            assert answer.error["message"].endswith(option)
            assert remedy in answer.error["message"]
        assert await calls_to(control, "estimate") == 0
        assert await calls_to(control, "routes") == 1


async def test_an_estimate_works_without_routes_and_limits(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, control):
        for endpoint in ("routes", "limits"):
            await control.fault(endpoint, "error", status=503, code="service_unavailable")
        answer = await baton(*PRICED)

    assert answer.code == 0
    assert "the routes could not be fetched" in answer.err
    assert "100 USDC (100000000 smallest units)" in answer.out


async def test_a_refused_estimate_exits_with_1_and_no_reply_with_3(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, control):
        await control.fault("estimate", "error", status=400, code="price_impact_too_high", message="too much at once")
        refused = await baton(*PRICED, "--json")
    silent = await alone(*PRICED, "--json", ORCHESTRA_BASE_URL="http://127.0.0.1:1")

    assert (refused.code, refused.error["code"]) == (1, "price_impact_too_high")
    assert (silent.code, silent.error["code"]) == (3, "no_answer")


async def test_wrong_estimate_usage_is_reported_before_any_call(alone: Baton) -> None:
    unknown = await alone(*PRICED, "--account", "nobody", "--json")
    missing = await alone("estimate", *ROUTE, "--json")

    assert (unknown.code, unknown.error["code"]) == (2, "unknown_account")
    assert (missing.code, missing.error["message"]) == (2, "amount is missing (--amount)")
