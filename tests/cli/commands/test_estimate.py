"""`baton estimate`: a price without a promise, and a clear word about what cannot be ordered."""

import json

from tests.cli.command import Baton
from tests.cli.partner import asked, beside_sandbox
from tests.end_to_end.world import SPARK, USDC_TO_BTC

ROUTE = (
    "--source-chain", "base", "--source-asset", "USDC", "--destination-chain", "spark", "--destination-asset", "BTC",
)  # fmt: skip
PRICED = ("estimate", *ROUTE, "--amount", "100000000")


async def test_programs_get_the_price_in_exact_smallest_units(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        answer = await baton(*PRICED, "--json")

    assert answer.code == 0
    told = answer.json
    assert (told["source"], told["destination"]) == ("base:USDC", "spark:BTC")
    assert (told["amount_in"], told["amount_mode"]) == ("100000000", "exact_in")
    assert (told["source_decimals"], told["destination_decimals"]) == (6, 8)
    assert told["estimated_out"].isdigit()
    assert int(told["fee_amount"]) > 0


async def test_people_read_whole_units_beside_the_smallest_ones(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, _):
        told = (await baton(*PRICED, "--json")).json
        answer = await baton(*PRICED)

    out = int(told["estimated_out"])
    assert "100 USDC (100000000 smallest units)" in answer.out
    assert f"{out / 10**8:.8f}".rstrip("0") + f" BTC ({out} smallest units)" in answer.out
    assert "without a promise" in answer.out


async def test_the_price_is_that_of_the_quote(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, control):
        told = (await baton(*PRICED, "--slippage-bps", "50", "--recipient-address", SPARK, "--json")).json
        (call,) = await control.requests("estimate")

    assert call["query"]["recipientAddress"] == SPARK
    assert call["query"]["slippageBps"] == "50"
    assert told["fee_bps"] == 10


async def test_an_order_file_is_priced_as_it_stands(alone: Baton) -> None:
    order = {**USDC_TO_BTC, "reference": "invoice-1", "policy": {"maxRequotes": 1}, "refundAddress": "0xabc"}
    async with beside_sandbox(alone) as (baton, _):
        whole = await baton("estimate", "--file", "-", "--json", stdin=json.dumps(order))
        changed = await baton("estimate", "--file", "-", "--amount", "250000000", "--json", stdin=json.dumps(order))

    assert whole.json["amount_in"] == "100000000"
    assert int(changed.json["estimated_out"]) > 2 * int(whole.json["estimated_out"])


async def test_an_exact_output_tells_what_goes_in_and_needs_no_refund_address(alone: Baton) -> None:
    route = ("--source-chain", "bitcoin", "--source-asset", "BTC", "--destination-chain", "base")
    wanted = ("--destination-asset", "USDC", "--amount", "50000000", "--amount-mode", "exact_out")
    async with beside_sandbox(alone) as (baton, _):
        told = (await baton("estimate", *route, *wanted, "--json")).json

    assert told["estimated_out"] == "50000000"
    assert told["amount_in"] == told["required_amount_in"]
    assert int(told["max_accepted_amount_in"]) > int(told["amount_in"])


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


async def test_an_impossible_order_is_refused_by_name_and_remedy_before_a_price_is_asked(alone: Baton) -> None:
    cases = {
        ("--destination-asset", "DOGE"): ("unsupported_route", "(--destination-chain)", "it can become "),
        ("--source-asset", "usdc"): ("unsupported_route", "(--source-chain)", "case-sensitive"),
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
        assert await asked(control, "estimate") == 0
        assert await asked(control, "routes") == 1


async def test_a_price_is_had_even_where_routes_and_limits_cannot_be_asked(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, control):
        for endpoint in ("routes", "limits"):
            await control.fault(endpoint, "error", status=503, code="service_unavailable")
        answer = await baton(*PRICED)

    assert answer.code == 0
    assert "the routes could not be asked for" in answer.err
    assert "100000000 USDC (smallest units)" in answer.out


async def test_orchestras_own_refusal_ends_with_1_and_silence_with_3(alone: Baton) -> None:
    async with beside_sandbox(alone) as (baton, control):
        await control.fault("estimate", "error", status=400, code="price_impact_too_high", message="too much at once")
        refused = await baton(*PRICED, "--json")
    silent = await alone(*PRICED, "--json", ORCHESTRA_BASE_URL="http://127.0.0.1:1")

    assert (refused.code, refused.error["code"]) == (1, "price_impact_too_high")
    assert (silent.code, silent.error["code"]) == (3, "no_answer")


async def test_wrong_usage_is_told_before_anything_is_asked(alone: Baton) -> None:
    unknown = await alone(*PRICED, "--account", "nobody", "--json")
    missing = await alone("estimate", *ROUTE, "--json")

    assert (unknown.code, unknown.error["code"]) == (2, "unknown_account")
    assert (missing.code, missing.error["message"]) == (2, "amount is missing (--amount)")
