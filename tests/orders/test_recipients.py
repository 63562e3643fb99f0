"""An order is refused when its recipient's invoice asks for something else than the order delivers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from baton.errors import DocumentError
from baton.local.sandbox.engine.addresses import new_invoice
from baton.orders.document import read_document
from tests.encoding.spelling import invoice
from tests.end_to_end.world import SPARK

TO_LIGHTNING = {
    "sourceChain": "base",
    "sourceAsset": "USDC",
    "destinationChain": "lightning",
    "destinationAsset": "BTC",
    "amount": "25000",
}
EXACT_OUT = {"amountMode": "exact_out", "refundAddress": SPARK}
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
OVER_25000 = new_invoice(25_000, NOW, NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "fields",
    [
        {"recipientAddress": "name@host.example"},
        {"recipientAddress": invoice("lnbc")},
        {"recipientAddress": "lnbc250u1pj..."},
        {"recipientAddress": OVER_25000, **EXACT_OUT},
        {"recipientAddress": OVER_25000, "destinationChain": "spark"},
    ],
    ids=["address", "invoice of any amount", "unreadable", "exact out", "another chain"],
)
def test_a_recipient_that_suits_the_order_is_accepted(fields: dict[str, Any]) -> None:
    read_document({**TO_LIGHTNING, **fields})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "recipientAddress asks for an amount of its own; with amountMode exact_in"),
        ({"amount": "24999", **EXACT_OUT}, "asks for 25000000 thousandths of a sat, but the order delivers 24999 sats"),
    ],
    ids=["exact in", "another amount"],
)
def test_an_invoice_that_does_not_suit_the_order_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        read_document({**TO_LIGHTNING, "recipientAddress": OVER_25000, **fields})
