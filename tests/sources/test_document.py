"""The document of an address: strict, and every wrong field is named with a remedy."""

from typing import Any

import pytest

from baton.errors import DocumentError
from baton.orchestra.rules.zeroconf import ZeroConfMode
from baton.sources.document import read_address_document

ACCUMULATION: dict[str, Any] = {
    "type": "accumulation",
    "reference": "till-7",
    "sourceChain": "base",
    "sourceAsset": "USDC",
    "destinationAsset": "BTC",
    "recipientSparkAddress": "spark1x",
}
LIQUIDATION: dict[str, Any] = {
    "type": "liquidation",
    "reference": "mine",
    "destinationChain": "base",
    "destinationAsset": "USDC",
    "destinationAddress": "0x52908400098527886E0F7030069857D2E4169EE7",
}
STANDING: dict[str, Any] = {
    "type": "standing",
    "reference": "customer",
    "destination": {"chain": "base", "asset": "USDC", "address": "0x52908400098527886E0F7030069857D2E4169EE7"},
}


def test_a_document_becomes_a_request_with_what_belongs_to_the_address() -> None:
    policy = {"zeroconf": {"mode": "decline"}}
    source = read_address_document({**LIQUIDATION, "label": "Mine", "metadata": {"a": "b"}, "policy": policy}).source()

    assert source.request.wire() == {
        "destinationChain": "base",
        "destinationAsset": "USDC",
        "destinationAddress": LIQUIDATION["destinationAddress"],
        "label": "Mine",
    }
    assert (source.type, source.route, source.source.name) == ("liquidation", "bitcoin:BTC>base:USDC", "address/mine")
    assert (source.metadata, source.label) == ({"a": "b"}, "Mine")
    assert source.policy.zeroconf is not None
    assert source.policy.zeroconf.mode is ZeroConfMode.DECLINE


def test_the_label_of_a_standing_address_stays_with_baton() -> None:
    source = read_address_document({**STANDING, "label": "Customer"}).source()

    assert source.label == "Customer"
    assert source.request.wire() == {"destination": STANDING["destination"]}
    assert source.route == "*>base:USDC"


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({**ACCUMULATION, "type": "permanent"}, "type: must be one of accumulation, liquidation, standing"),
        ({**ACCUMULATION, "recipient": "x"}, "recipient is not a field of a reusable address"),
        ({**ACCUMULATION, "reference": "a/b"}, "reference: use 1 to 128 letters"),
        ({**ACCUMULATION, "destinationAsset": "USDC"}, "destinationAsset USDC cannot be accumulated; use BTC or USDB"),
        ({**ACCUMULATION, "sourceChain": "bitcoin"}, "use a liquidation address for bitcoin"),
        ({**ACCUMULATION, "refundAddresses": {"solana": "x"}}, "refundAddresses names no address on base"),
        ({**ACCUMULATION, "feeBps": 10_000}, "feeBps is 10000; use 0 to 9999"),
        ({**ACCUMULATION, "slippageBps": 1_001}, "slippageBps is 1001; use 0 to 1000"),
        ({**ACCUMULATION, "metadata": {str(n): "" for n in range(21)}}, "metadata: "),
        ({**ACCUMULATION, "metadata": {"a": "b" * 501}}, "metadata.a: "),
        ({**ACCUMULATION, "metadata": {"a b": "c"}}, "metadata.a b: names have 1 to 40 letters, digits"),
        ({**ACCUMULATION, "metadata": {"a": "b\x00"}}, "metadata.a: must be text without NUL characters"),
        ({**ACCUMULATION, "label": "L" * 201}, "label: "),
        ({**ACCUMULATION, "label": "\x1b[2J"}, "label: must be one line without control characters"),
        ({**ACCUMULATION, "label": "half \ud83d"}, "label: is not Unicode text"),
        ({**STANDING, "destination": {"chain": "\ud83d"}}, "destination.chain: is not Unicode text"),
        ('{"label": "half \\ud83d"}', "label: is not Unicode text"),
        ({**LIQUIDATION, "destinationAsset": "BTC", "feeBps": 5}, "feeBps is not available"),
        ({**LIQUIDATION, "zeroconfEnabled": False, "policy": {"zeroconf": {"mode": "ask"}}}, "policy.zeroconf has no"),
        ({**STANDING, "slippageBps": 10_001}, "slippageBps is 10001; use 0 to 10000"),
        ({**STANDING, "destination": {"chain": "base", "asset": "USDC"}}, "destination.address is missing"),
        ({"type": "standing"}, "2 fields are wrong: reference is missing"),
        ("{", "the document is not JSON"),
    ],
)
def test_a_wrong_field_is_named_with_its_remedy(document: Any, complaint: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read_address_document(document)

    assert complaint in str(refused.value)
    assert refused.value.remedy


def test_a_label_may_have_two_hundred_characters_of_any_script() -> None:
    label = "\N{SHOPPING TROLLEY}" * 200
    assert read_address_document({**ACCUMULATION, "label": label}).source().label == label
