"""What the business attaches to an order: bounded, shown, part of the request, and a key to find it by."""

from typing import Any

import pytest

from baton.errors import DocumentError
from baton.orders.differences import differences
from baton.orders.document import read_document
from baton.orders.order_source import OrderSource, SourceKind
from baton.orders.rules.follow_up import follow_up_of
from baton.orders.snapshot import snapshot_of
from baton.orders.summaries import static_details
from tests.orders.states import NOON, order, state

DOCUMENT = {
    "reference": "invoice-42",
    "sourceChain": "base",
    "sourceAsset": "USDC",
    "destinationChain": "spark",
    "destinationAsset": "BTC",
    "amount": "100",
    "recipientAddress": "spark1recipient",
}
CART = {"cart": "7", "shop.id": "x"}


def placed(metadata: Any) -> Any:
    return read_document({**DOCUMENT, "metadata": metadata}).order()


def test_the_metadata_of_a_document_is_shown_by_its_order() -> None:
    assert snapshot_of(placed(CART), state()).metadata == CART
    assert "- cart: 7\n" in static_details(placed(CART))


@pytest.mark.parametrize(
    "metadata",
    [
        {f"name-{number}": "" for number in range(21)},
        {"": "empty"},
        {"n" * 41: ""},
        {"two words": ""},
        {"cart": "x" * 501},
        {"cart": "\x00"},
        {"cart": 7},
        ["cart"],
    ],
)
def test_metadata_beyond_its_bounds_is_refused_by_name(metadata: Any) -> None:
    with pytest.raises(DocumentError, match=r"^metadata"):
        placed(metadata)


def test_the_same_order_with_other_metadata_is_another_request() -> None:
    before, after = placed(CART), placed({"cart": "8"})
    assert not before.same_as(after)
    assert differences(before, after) == [
        "metadata.cart: 7 placed, 8 requested",
        "metadata.shop.id: x placed, nothing requested",
    ]


def test_an_order_of_an_address_shows_what_the_address_carries() -> None:
    source = OrderSource(kind=SourceKind.ADDRESS, reference="shop-7", metadata=CART)
    assert snapshot_of(order().model_copy(update={"source": source}), state()).metadata == CART


def test_a_follow_up_carries_the_metadata_of_its_order() -> None:
    closed = snapshot_of(placed(CART), state())
    assert follow_up_of(closed, NOON).metadata == CART


def test_long_values_fit_into_the_details_of_the_temporal_ui() -> None:
    details = static_details(placed({f"name-{number}": "ä" * 500 for number in range(20)}))
    assert len(details.encode()) < 20_000
