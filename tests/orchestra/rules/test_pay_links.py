"""Every pay link is checked before it is created, and an objection says what to correct."""

from typing import Any

import pytest

from baton.orchestra.pay_link_models import PayLinkRequest
from baton.orchestra.rules.pay_links import PayLinkError, check_pay_link, pay_link_objections, quote_of_link

EVM = "0x52908400098527886E0F7030069857D2E4169EE7"


def request(**fields: Any) -> PayLinkRequest:
    base = {"destinationChain": "base", "destinationAsset": "USDC", "recipientAddress": EVM, "amountOut": "25000000"}
    return PayLinkRequest.model_validate({**base, **fields})


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"amountOut": None, "amountFiatUsd": "25.00"},
        {"amountOut": "10000"},
        {"label": "Tips", "affiliateId": "partner"},
        {"destinationChain": "tempo", "destinationAsset": "PathUSD"},
    ],
)
def test_a_link_that_keeps_the_rules_passes(fields: dict[str, Any]) -> None:
    check_pay_link(request(**fields))


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"amountFiatUsd": "25.00"}, "amountOut: cannot be combined with amountFiatUsd"),
        ({"amountOut": None}, "amountOut: is missing"),
        ({"amountOut": "0"}, "amountOut: must be whole cents above 0"),
        ({"amountOut": "25000001"}, "amountOut: must be whole cents"),
        ({"amountOut": None, "amountFiatUsd": "0.99"}, "amountFiatUsd: must be between 1.00 and 50000.00"),
        ({"amountOut": None, "amountFiatUsd": "25.001"}, "amountFiatUsd: write US dollars"),
        ({"destinationAsset": "BTC"}, "destinationAsset: must be one of USDB, USDC, USDT, PathUSD"),
        ({"destinationChain": "hedera"}, "destinationChain: hedera takes no pay links"),
        ({"recipientAddress": "0x1"}, "recipientAddress: is not an EVM address"),
        ({"affiliateId": "No!"}, "affiliateId: an affiliate's id has"),
    ],
)
def test_a_link_that_breaks_a_rule_is_refused_by_its_field(fields: dict[str, Any], complaint: str) -> None:
    body = request(**fields)

    assert len(pay_link_objections(body)) == 1
    with pytest.raises(PayLinkError) as refused:
        check_pay_link(body)
    assert str(refused.value).startswith(complaint)


def test_a_visit_is_an_exchange_of_lightning_for_the_links_asset() -> None:
    exact, dollars = quote_of_link(request()), quote_of_link(request(amountOut=None, amountFiatUsd="25.00"))

    assert (exact.source_chain, exact.destination_asset, exact.amount_mode) == ("lightning", "USDC", "exact_out")
    assert dollars.amount_mode is None
