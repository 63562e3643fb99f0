"""Every off-ramp is checked before it is sent, and an objection says what to correct."""

from typing import Any

import pytest

from baton.orchestra.offramp_models import OfframpRequest
from baton.orchestra.rules.offramp import OfframpError, check, lightning_address_of, objections

EVM = "0x52908400098527886E0F7030069857D2E4169EE7"


def request(**fields: Any) -> OfframpRequest:
    base = {"sourceChain": "base", "sourceAsset": "USDC", "amount": "50000000", "recipientAddress": "$jane"}
    return OfframpRequest.model_validate({**base, "refundAddress": EVM, **fields})


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"recipientAddress": "jane"},
        {"recipientAddress": "$Jane_Doe-99"},
        {"recipientAddress": "jane@wallet.example"},
        {"sourceChain": "litecoin", "sourceAsset": "LTC", "refundAddress": "a chain without rules here"},
        {"slippageBps": 1000, "affiliateId": "partner"},
        {"appFees": [{"recipient": "r", "fee": 100}]},
    ],
)
def test_an_offramp_that_keeps_the_rules_passes(fields: dict) -> None:
    check(request(**fields))


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"amount": "0"}, "amount: must be above 0"),
        ({"recipientAddress": "$123"}, "recipientAddress: must be a Cash App name"),
        ({"recipientAddress": "$" + "a" * 21}, "recipientAddress: must be a Cash App name"),
        ({"recipientAddress": "lnbc1" + "q" * 60}, "recipientAddress: must be a Cash App name"),
        ({"recipientAddress": "https://cash.app/$jane"}, "recipientAddress: must be a Cash App name"),
        ({"recipientAddress": EVM}, "recipientAddress: must be a Cash App name"),
        ({"refundAddress": None}, "refundAddress: is missing; give an address on base"),
        ({"refundAddress": "bc1qelsewhere"}, "refundAddress: is not an EVM address"),
        ({"slippageBps": 1001}, "slippageBps: must be between 0 and 1000"),
        ({"affiliateId": "No!"}, "affiliateId: an affiliate's id has"),
        ({"appFees": [{"recipient": "r", "fee": 1}], "affiliateId": "a"}, "appFees: cannot be combined with"),
    ],
)
def test_an_offramp_that_breaks_a_rule_is_refused_by_its_field(fields: dict, complaint: str) -> None:
    body = request(**fields)

    assert len(objections(body)) == 1
    with pytest.raises(OfframpError) as refused:
        check(body)
    assert str(refused.value).startswith(complaint)


def test_fees_are_refused_where_bitcoin_is_paid_in() -> None:
    refund = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
    body = request(sourceChain="bitcoin", sourceAsset="BTC", refundAddress=refund, affiliateId="friend")

    with pytest.raises(OfframpError, match="affiliateId: fees are not possible where BTC is paid in"):
        check(body)


@pytest.mark.parametrize(
    ("recipient", "paid"),
    [("$jane", "jane@cash.app"), ("jane", "jane@cash.app"), ("jane@wallet.example", "jane@wallet.example")],
)
def test_a_cash_app_name_stands_for_a_lightning_address(recipient: str, paid: str) -> None:
    assert lightning_address_of(recipient) == paid


def test_an_offramp_names_its_fixed_ends_but_never_sends_them() -> None:
    body = request()

    assert (body.destination_chain, body.destination_asset, body.amount_mode) == ("lightning", "BTC", "exact_in")
    assert set(body.wire()) == {"sourceChain", "sourceAsset", "amount", "recipientAddress", "refundAddress"}
    assert body.as_quote().destination_chain == "lightning"
