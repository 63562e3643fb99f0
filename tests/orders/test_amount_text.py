"""An amount may be written in whole units of its asset; what is unclear is refused with its remedy."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.encoding.units import whole
from baton.errors import DocumentError
from baton.orders.document import OnrampDocument, read_document

SWAP = {
    "sourceChain": "base",
    "sourceAsset": "USDC",
    "destinationChain": "spark",
    "destinationAsset": "BTC",
    "recipientAddress": "spark1recipient",
}
ONRAMP = {
    "kind": "onramp",
    "destinationChain": "spark",
    "destinationAsset": "USDB",
    "recipientAddress": "spark1recipient",
}
EXACT_OUT = {"amountMode": "exact_out", "refundAddress": "0xrefund"}


def amount(text: Any, **fields: Any) -> int | None:
    return read_document({**SWAP, "amount": text, **fields}).amount


def complaint(text: str, **fields: Any) -> str:
    with pytest.raises(DocumentError) as refused:
        read_document({**SWAP, "amount": text, **fields})
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "fields", "smallest"),
    [
        ("100000000", {}, 100_000_000),
        ("100 USDC", {}, 100_000_000),
        ("100USDC", {}, 100_000_000),
        (" 100.50 usdc ", {}, 100_500_000),
        ("0.000001 USDC", {}, 1),
        ("1.1000000000 USDC", {}, 1_100_000),
        ("0.5 BTC", {"sourceChain": "bitcoin", "sourceAsset": "BTC"}, 50_000_000),
        ("0.5 BTC", EXACT_OUT, 50_000_000),
        ("1 USDC", {"sourceChain": "ethereum"}, 1_000_000),
    ],
)
def test_an_amount_is_read_exactly(text: str, fields: dict[str, str], smallest: int) -> None:
    assert amount(text, **fields) == smallest


@pytest.mark.parametrize(
    ("text", "fields", "words"),
    [
        ("1,000.50 USDC", {}, "amount: 1,000.50 USDC has separators or a misplaced dot; write digits with one dot"),
        ("1 000 USDC", {}, "has separators"),
        ("1.000.000 USDC", {}, "has separators or a misplaced dot"),
        (".5 USDC", {}, "misplaced dot"),
        ("100.5", {}, "amount: 100.5 has no unit; write 100.5 and the asset"),
        ("100 USDT", {}, "amount: 100 USDT is not in USDC, the asset that it is of"),
        ("0.5 BTC", {}, "is not in USDC"),
        ("100 USDC", EXACT_OUT, "is not in BTC"),
        ("1e3 USDC", {}, "is not in USDC"),
        ("-5 USDC", {}, "amount: -5 USDC is not an amount; write smallest units"),
        ("USDC", {}, "is not an amount"),
        ("0 USDC", {}, "is nothing; write an amount above 0"),
        ("1.0000001 USDC", {}, "amount: 1.0000001 has 7 decimals and USDC on base has 6; round it"),
        ("5 DOGE", {"sourceAsset": "DOGE"}, "the decimals of DOGE on base are not known; write the amount in smallest"),
        ("$25", {}, "amount: $25 is in US dollars, which only an onramp takes"),
        ("9" * 300 + " USDC", {}, "at most"),
    ],
)
def test_an_unclear_amount_is_refused_with_its_remedy(text: str, fields: dict[str, str], words: str) -> None:
    assert words in complaint(text, **fields)


def test_the_decimals_of_the_routes_count_where_they_are_passed() -> None:
    document = read_document({**SWAP, "amount": "100 USDC"}, lambda chain, asset: 18)

    assert document.amount == 100 * 10**18
    assert document.order().amount_decimals == 18


def test_an_order_in_whole_units_is_the_same_as_one_in_smallest_units() -> None:
    shared = {**SWAP, "reference": "invoice-42"}
    whole_units = read_document({**shared, "amount": "100 USDC"}).order()
    smallest_units = read_document({**shared, "amount": "100000000"}).order()

    assert smallest_units.amount_decimals is None
    assert whole_units.same_as(smallest_units)


def test_a_missing_asset_is_named_beside_the_amount_that_needs_it() -> None:
    incomplete = {name: value for name, value in SWAP.items() if name != "sourceAsset"}

    with pytest.raises(DocumentError, match=r"2 fields are wrong: .*sourceAsset is missing") as refused:
        read_document({**incomplete, "amount": "100 USDC"})
    assert "the order must name chain and asset" in str(refused.value)


@pytest.mark.parametrize("text", ["$25", "$ 25.00", "25 USD", "25.00 dollars"])
def test_dollars_of_an_onramp_are_its_amount_in_us_dollars(text: str) -> None:
    document = read_document({**ONRAMP, "amount": text})

    assert isinstance(document, OnrampDocument)
    assert document.amount is None
    assert document.amount_fiat_usd in ("25", "25.00")


def test_an_onramp_may_be_written_in_bitcoin_or_in_what_it_delivers() -> None:
    assert read_document({**ONRAMP, "amount": "0.0005 BTC"}).amount == 50_000
    assert read_document({**ONRAMP, "amount": "25 USDB", "amountMode": "exact_out"}).amount == 25_000_000


@given(st.integers(1, 2**128))
def test_what_is_shown_in_whole_units_is_read_as_the_same_amount(units: int) -> None:
    assert amount(f"{whole(units, 6)} USDC") == units
