"""Everything that is wrong with an order file is said at once, with the name that was meant."""

from typing import Any

import pytest

from baton.encoding.suggestions import closest
from baton.errors import DocumentError
from baton.orders.document import read_document

SWAP = {
    "sourceChain": "base",
    "sourceAsset": "USDC",
    "destinationChain": "spark",
    "destinationAsset": "BTC",
    "amount": "100 USDC",
    "recipientAddress": "spark1recipient",
}


def refusal(**fields: Any) -> DocumentError:
    with pytest.raises(DocumentError) as refused:
        read_document({**SWAP, **fields})
    return refused.value


def test_a_misspelt_field_gets_the_name_that_was_meant() -> None:
    assert str(refusal(refundAdress="0x1")) == "refundAdress is not a field of an order; did you mean refundAddress?"
    assert "policy.onQuoteExpire is not a field of an order; did you mean onQuoteExpiry?" in str(
        refusal(policy={"onQuoteExpire": "wait"})
    )
    assert "check its spelling" in str(refusal(zzz=1))


def test_a_misspelt_kind_gets_the_name_that_was_meant() -> None:
    assert str(refusal(kind="onrmap")) == "kind: must be swap, onramp or offramp; did you mean onramp?"
    assert "leave it out for a swap" in str(refusal(kind=7))


def test_wrong_fields_and_broken_rules_are_said_together() -> None:
    error = refusal(
        amount="1,000 BTC", amountMode="exact_out", deliveryMode="fixed", appFees=[{"recipient": "x", "fee": 0}], foo=1
    )

    assert [fault.field for fault in error.fields] == [
        "amount",
        "appFees.0.fee",
        "foo",
        "refundAddress",
        "deliveryMode",
    ]
    assert str(error).startswith("5 fields are wrong: ")


def test_all_rules_that_an_order_breaks_are_said_together() -> None:
    error = refusal(amount="1", amountMode="exact_out", deliveryMode="fixed", affiliateId="a")

    assert [fault.message for fault in error.fields] == [
        "fees cannot be combined with amountMode exact_out; leave them out",
        "refundAddress is required with amountMode exact_out",
        "deliveryMode fixed works with amountMode exact_in only",
    ]


def test_the_rules_of_an_onramp_are_looked_at_beside_its_wrong_fields() -> None:
    onramp = {"kind": "onramp", "destinationChain": "spark", "destinationAsset": "USDB", "recipientAddress": "spark1x"}
    with pytest.raises(DocumentError) as refused:
        read_document({**onramp, "amount": "5", "amountFiatUsd": "1", "payr": "x"})

    assert {fault.field for fault in refused.value.fields} >= {"amount", "payr"}


@pytest.mark.parametrize("text", ["[1]", "7", "null", '"order"'])
def test_a_document_that_is_no_object_is_named(text: str) -> None:
    with pytest.raises(DocumentError, match="the order must be one JSON object"):
        read_document(text)


def test_a_long_word_is_not_compared() -> None:
    assert closest("x" * 10_000, ["x" * 9_999]) is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"policy": {"depositWindow": "2h"}},
            "depositWindow: is no length of time; write seconds, such as 7200",
        ),
        ({"policy": {"depositWindow": "soon"}}, "PT90M is 90 minutes, PT2H two hours, P1D a day"),
        ({"policy": {"depositWindow": "P60D"}}, "policy.depositWindow: must be at most 30 days"),
        ({"policy": {"onQuoteExpiry": "expires"}}, "must be wait, requote or expire; did you mean expire?"),
        ({"policy": {"maxRequotes": 99}}, "policy.maxRequotes: must be at most 50"),
        ({"policy": 3}, "policy: must be an object"),
        ({"amountMode": "exactin"}, "amountMode: must be exact_in or exact_out; did you mean exact_in?"),
        ({"slippageBps": "x"}, "slippageBps: must be a whole number"),
        ({"zeroconfEnabled": "maybe"}, "zeroconfEnabled: must be true or false"),
        ({"recipientAddress": 7}, "recipientAddress: must be text"),
    ],
)
def test_a_wrong_value_is_explained_in_plain_words(fields: dict[str, Any], words: str) -> None:
    assert words in str(refusal(**fields))
