"""Every onramp request is checked before it is sent, and an objection says what to correct."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.orchestra.onramp_models import OnrampCreated, OnrampRequest
from baton.orchestra.rules.onramp import OnrampError, check, deeplink, is_passthrough, objections
from baton.orchestra.rules.request_fields import usd_cents
from tests.paths import FIXTURES

EITHER = "cannot be combined with"


def load(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


def request(**fields: Any) -> OnrampRequest:
    base = {"destinationChain": "spark", "destinationAsset": "USDB", "recipientAddress": "spark1"}
    return OnrampRequest.model_validate({**base, **fields})


def objection(decimals: int | None = None, **fields: Any) -> str:
    """Return the one thing wrong with a request."""
    body = request(**fields)
    assert len(objections(body, decimals)) == 1
    with pytest.raises(OnrampError) as raised:
        check(body, decimals)
    assert str(raised.value).startswith(f"{raised.value.field}: ")
    return str(raised.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": "100000"},
        {"amount": "100000", "amountMode": "exact_in"},
        {"amount": "1000000", "amountMode": "exact_out"},
        {"amountFiatUsd": "25.00"},
        {"amountFiatUsd": "25.00", "amountMode": "exact_in"},
        {"amountFiatUsd": "25", "affiliateIds": ["one", {"affiliateId": "two", "feeBps": 20}]},
        {"amount": "1", "affiliateId": "my-partner"},
        {"amount": "1", "appFees": [{"recipient": "r", "fee": 100}]},
        {"amount": "1", "slippageBps": 0},
        {"amount": "1", "slippageBps": 1000},
        {"amount": "1", "destinationChain": "bitcoin", "destinationAsset": "BTC"},
        {"amount": "1", "appFees": [], "affiliateId": "one"},
    ],
)
def test_a_request_that_keeps_the_rules_passes(fields: dict) -> None:
    check(request(**fields))


def test_the_documented_request_passes() -> None:
    check(OnrampRequest.model_validate(load("seed001_onramp_request_affiliate.json")))


def test_an_amount_is_needed() -> None:
    assert objection() == (
        "amount: is missing; give it in sats (exact_in) or destination units (exact_out), or give amountFiatUsd"
    )


def test_an_amount_in_sats_with_one_in_dollars_is_refused() -> None:
    assert objection(amount="1", amountFiatUsd="25.00") == (
        "amount: cannot be combined with amountFiatUsd; leave one of them out"
    )


def test_an_amount_of_zero_is_refused() -> None:
    assert objection(amount="0") == "amount: must be above 0"


@pytest.mark.parametrize("dollars", ["1.00", "1", "1.0", "50000.00", "50000", "49999.99"])
def test_dollars_within_the_limits_pass(dollars: str) -> None:
    check(request(amountFiatUsd=dollars))


@pytest.mark.parametrize("dollars", ["0.99", "0", "50000.01", "50001", "999999999.99"])
def test_dollars_outside_the_limits_are_refused_with_the_limits(dollars: str) -> None:
    assert objection(amountFiatUsd=dollars) == "amountFiatUsd: must be between 1.00 and 50000.00 US dollars"


@pytest.mark.parametrize(
    "dollars", ["", "25.001", "25.", ".5", "-25", "+25", "25,00", "1e3", "$25", " 25", "25\n", "025", "٢٥", "NaN"]
)
def test_dollars_that_are_not_a_plain_decimal_are_refused(dollars: str) -> None:
    assert "digits with at most two decimals" in objection(amountFiatUsd=dollars)


@given(st.integers(0, 10**9))
def test_every_amount_of_cents_reads_exactly(cents: int) -> None:
    assert usd_cents(f"{cents // 100}.{cents % 100:02d}") == cents


def test_a_mode_that_does_not_exist_is_refused() -> None:
    assert objection(amount="1", amountMode="about") == (
        "amountMode: must be exact_in or exact_out; left out it is exact_in"
    )


def test_dollars_are_always_exact_in() -> None:
    assert objection(amountFiatUsd="25.00", amountMode="exact_out") == (
        "amountMode: exact_out cannot be combined with amountFiatUsd, which is always exact_in"
    )


@pytest.mark.parametrize(
    ("decimals", "amount", "cent"),
    [(None, 10_001, 10_000), (6, 1_234_567, 10_000), (8, 10_000, 1_000_000), (18, 10_000, 10**16), (6, 9_999, 10_000)],
)
def test_stablecoin_exact_out_takes_whole_cents(decimals: int | None, amount: int, cent: int) -> None:
    remedy = objection(decimals, amount=str(amount), amountMode="exact_out")
    assert remedy == f"amount: exact_out in USDB takes whole cents: a multiple of {cent}"


@given(st.integers(1, 10**9), st.integers(2, 18))
def test_whole_cents_pass_with_any_decimals(cents: int, decimals: int) -> None:
    check(request(amount=str(cents * 10 ** (decimals - 2)), amountMode="exact_out"), decimals)


def test_only_stablecoin_exact_out_requires_whole_cents() -> None:
    check(request(amount="10001", amountMode="exact_in"), 6)
    check(request(amount="10001", amountMode="exact_out", destinationChain="base", destinationAsset="cbBTC"), 8)
    check(request(amount="1", amountMode="exact_out"), 2)
    check(request(amount="1", amountMode="exact_out"), 0)


@pytest.mark.parametrize("chain", ["spark", "bitcoin"])
def test_bitcoin_that_passes_through_is_never_exact_out(chain: str) -> None:
    remedy = objection(amount="1", amountMode="exact_out", destinationChain=chain, destinationAsset="BTC")
    assert remedy == f"amountMode: exact_out is not offered to {chain}:BTC; use exact_in"


@pytest.mark.parametrize(
    ("field", "fees"),
    [
        ("appFees", [{"recipient": "r", "fee": 1}]),
        ("affiliateId", "one"),
        ("affiliateIds", ["one"]),
        ("affiliateIds", [{"affiliateId": "one"}]),
    ],
)
def test_fees_are_possible_neither_on_passthrough_nor_with_exact_out(field: str, fees: Any) -> None:
    through = objection(amount="1", destinationAsset="BTC", **{field: fees})
    assert through == f"{field}: fees are not possible to spark:BTC; leave it out"
    exact = objection(amount="10000", amountMode="exact_out", **{field: fees})
    assert exact == f"{field}: fees are not possible with amountMode exact_out; leave it out or use exact_in"


@pytest.mark.parametrize(
    ("affiliates", "fields"),
    [
        ({"affiliateId": "one"}, "affiliateId"),
        ({"affiliateIds": ["one"]}, "affiliateIds"),
        ({"affiliateId": "one", "affiliateIds": ["two"]}, "affiliateId and affiliateIds"),
    ],
)
def test_own_fees_with_affiliates_are_refused(affiliates: dict, fields: str) -> None:
    fees = [{"recipient": "r", "fee": 1}]
    assert objection(amount="1", appFees=fees, **affiliates) == (
        f"appFees: cannot be combined with {fields}; leave one of them out"
    )


def test_more_than_sixteen_fees_or_100_percent_are_refused() -> None:
    assert "17 fees" in objection(amount="1", appFees=[{"recipient": "r", "fee": 1}] * 17)
    assert "10001 basis points" in objection(
        amount="1", appFees=[{"recipient": "r", "fee": 9_999}, {"recipient": "s", "fee": 2}]
    )
    check(request(amount="1", appFees=[{"recipient": "r", "fee": 5_000}] * 2))
    check(request(amount="1", appFees=[{"recipient": "r", "fee": 1}] * 16))
    check(request(amount="1", affiliateIds=["one"] * 16))


@pytest.mark.parametrize("count", [0, 17])
def test_fewer_than_one_or_more_than_sixteen_affiliates_are_refused(count: int) -> None:
    assert objection(amount="1", affiliateIds=["one"] * count).startswith("affiliateIds: has")


@pytest.mark.parametrize("name", ["", "One", "-one", "a b", "a" * 65, "é"])
def test_a_malformed_affiliate_id_is_refused(name: str) -> None:
    assert objection(amount="1", affiliateId=name).startswith("affiliateId: an affiliate's id has")
    assert objection(amount="1", affiliateIds=[name]).startswith("affiliateIds: an affiliate's id has")
    assert objection(amount="1", affiliateIds=[{"affiliateId": name}]).startswith("affiliateIds: an affiliate's id")


@pytest.mark.parametrize("slippage", [-1, 1001])
def test_slippage_outside_the_limits_is_refused(slippage: int) -> None:
    assert objection(amount="1", slippageBps=slippage).startswith("slippageBps: must be between 0 and 1000")


def test_all_objections_are_returned_at_once() -> None:
    wrong = request(amountFiatUsd="0.10", amountMode="exact_out", destinationAsset="BTC", affiliateId="one")
    assert [one.field for one in objections(wrong)] == [
        "amountFiatUsd",
        "amountMode",
        "amountMode",
        "affiliateId",
        "affiliateId",
    ]


def test_only_bitcoin_on_spark_and_bitcoin_passes_through() -> None:
    assert is_passthrough("spark", "BTC")
    assert is_passthrough("bitcoin", "BTC")
    assert not is_passthrough("spark", "USDB")
    assert not is_passthrough("base", "cbBTC")


@pytest.mark.parametrize("name", ["seed001_onramp_response_op_ids.json", "seed004_onramp_response.json"])
def test_a_qr_code_has_the_payment_apps_deeplink_not_the_invoice(name: str) -> None:
    created = OnrampCreated.model_validate(load(name))
    assert deeplink(created) == "https://cash.app/launch/lightning/lnbc1000n1pj..."


@pytest.mark.parametrize("links", [None, {}, "none", {"cashApp": None}, {"cashApp": 3}])
def test_a_missing_deeplink_is_made_from_the_invoice(links: Any) -> None:
    created = OnrampCreated.model_validate({**load("seed004_onramp_response.json"), "paymentLinks": links})
    assert deeplink(created) == f"https://cash.app/launch/lightning/{created.deposit_address}"
