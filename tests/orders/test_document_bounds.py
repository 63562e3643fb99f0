"""An order document takes texts and lists up to a bound, and names the field that is too long."""

import pytest

from baton.errors import DocumentError
from baton.orders.document import read_document
from tests.end_to_end.world import USDC_TO_BTC


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recipientAddress", "a" * 4_097),
        ("refundAddress", "a" * 4_097),
        ("sourceChain", "c" * 65),
        ("destinationAsset", "t" * 65),
        ("affiliateIds", ["a"] * 17),
    ],
)
def test_a_text_or_list_that_is_too_long_is_refused(field: str, value: object) -> None:
    with pytest.raises(DocumentError, match=field):
        read_document({**USDC_TO_BTC, field: value})


def test_an_invoice_of_usual_length_is_taken() -> None:
    assert read_document({**USDC_TO_BTC, "refundAddress": "a" * 2_000}).refund_address == "a" * 2_000
