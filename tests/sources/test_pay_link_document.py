"""The document of a pay link: an amount in whole units or smallest ones, and nothing that could be misread."""

from typing import Any

import pytest

from baton.errors import DocumentError
from baton.sources.pay_link_document import read_pay_link_document

LINK: dict[str, Any] = {
    "reference": "tips",
    "destinationChain": "base",
    "destinationAsset": "USDC",
    "recipientAddress": "0x52908400098527886E0F7030069857D2E4169EE7",
}


@pytest.mark.parametrize("written", ["10500000", 10_500_000, "10.5 USDC", "10.50usdc"])
def test_an_amount_is_read_in_whole_or_smallest_units(written: str | int) -> None:
    assert read_pay_link_document({**LINK, "amountOut": written}).amount_out == 10_500_000


def test_what_the_account_knows_of_decimals_comes_before_the_catalogue() -> None:
    document = {**LINK, "destinationAsset": "PathUSD", "amountOut": "2 PathUSD"}
    assert read_pay_link_document(document, lambda chain, asset: 18).amount_out == 2 * 10**18


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("10 BTC", "amountOut: 10 BTC is not in USDC"),
        ("1,000 USDC", "amountOut: 1,000 USDC has separators"),
        ("0 USDC", "amountOut: 0 USDC is nothing"),
        ("0.001 USDC", "amountOut: must be whole cents above 0"),
        ("$10", "amountOut: is what the recipient gets, in the asset; for US dollars from the payer use amountFiatUsd"),
        ("10 USD", "amountOut: is what the recipient gets"),
        (str(2**256), "amountOut: "),
        (1.5, "amountOut: "),
    ],
)
def test_an_amount_that_cannot_be_read_is_refused_with_the_remedy(written: Any, complaint: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read_pay_link_document({**LINK, "amountOut": written})
    assert str(refused.value).startswith(complaint)
