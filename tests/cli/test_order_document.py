"""The order document from options and files, and errors that name field and option."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from baton.cli.errors import CommandFailed
from baton.cli.order_document import FIELDS, apply_options, read_order
from baton.orders.document import OnrampDocument, SwapDocument

ONRAMP = {
    "kind": "onramp",
    "destination_chain": "spark",
    "destination_asset": "USDB",
    "amount_fiat_usd": "25.00",
    "recipient_address": "spark1recipient",
}

GOOD = {
    "source_chain": "base",
    "source_asset": "USDC",
    "destination_chain": "spark",
    "destination_asset": "BTC",
    "amount": "100000000",
    "recipient_address": "spark1recipient",
}


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BATON_ACCOUNT", raising=False)


def test_every_option_fills_its_field() -> None:
    document = read_order(
        {
            **GOOD,
            "amount_mode": "exact_in",
            "refund_address": "0xrefund",
            "refund_chain": "base",
            "slippage_bps": 50,
            "zeroconf": False,
            "delivery_mode": "variable",
            "app_fee": ["0xfee:25", "spark:x:10"],
            "reference": "invoice-42",
            "account": "acme",
            "on_quote_expiry": "requote",
            "max_requotes": 0,
            "deposit_window": "7200",
            "submit_at": "final",
            "metadata": ["cart=7", "note=a=b"],
        }
    )

    assert document.model_dump(exclude={"policy", "kind"}, exclude_none=True) == {
        **GOOD,
        "amount": 100_000_000,
        "amount_mode": "exact_in",
        "refund_address": "0xrefund",
        "refund_chain": "base",
        "slippage_bps": 50,
        "zeroconf_enabled": False,
        "delivery_mode": "variable",
        "app_fees": [{"recipient": "0xfee", "fee": 25}, {"recipient": "spark:x", "fee": 10}],
        "reference": "invoice-42",
        "account": "acme",
        "metadata": {"cart": "7", "note": "a=b"},
    }
    assert (document.policy.on_quote_expiry, document.policy.max_requotes) == ("requote", 0)
    assert (document.policy.deposit_window, document.policy.submit_at) == (timedelta(hours=2), "final")


def test_every_field_of_an_order_document_can_be_given_by_an_option() -> None:
    fields = (SwapDocument.model_fields | OnrampDocument.model_fields).values()
    assert {field.alias for field in fields} - set(FIELDS.values()) == {
        "appFees",
        "affiliateId",
        "affiliateIds",
        "metadata",
        "policy",
    }


def test_options_alone_describe_an_onramp() -> None:
    document = read_order({**ONRAMP, "payer": "customer-7", "payer_region": "US-CA", "reference": "invoice-42"})

    assert isinstance(document, OnrampDocument)
    assert (document.amount_fiat_usd, document.payer, document.payer_region) == ("25.00", "customer-7", "US-CA")
    assert document.order().kind == "onramp"


def test_the_kind_of_an_order_comes_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    onramp = {"kind": "onramp", "destinationChain": "spark", "destinationAsset": "USDB", "recipientAddress": "spark1r"}
    file.write_text(json.dumps(onramp))

    document = read_order({"file": str(file), "amount_fiat_usd": "3.00", "payer": "customer-7"})

    assert isinstance(document, OnrampDocument)
    assert document.amount_fiat_usd == "3.00"


def test_reprice_options_change_only_their_own_fields(tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    file.write_text(json.dumps({"policy": {"reprice": {"mode": "approve", "beyond": "reject"}, "maxRequotes": 7}}))

    policy = read_order({**GOOD, "file": str(file), "max_loss_bps": 25}).policy

    assert policy.reprice is not None
    assert (policy.reprice.mode, policy.reprice.max_loss_bps, policy.reprice.beyond) == ("approve", 25, "reject")
    assert policy.max_requotes == 7
    assert read_order({**GOOD, "reprice": "refund"}).policy.reprice.mode == "refund"  # type: ignore[union-attr]


@pytest.mark.parametrize(("given", "window"), [("PT90M", timedelta(minutes=90)), ("3600", timedelta(hours=1))])
def test_a_deposit_window_is_seconds_or_iso(given: str, window: timedelta) -> None:
    assert read_order({**GOOD, "deposit_window": given}).policy.deposit_window == window


def test_affiliate_options_replace_those_of_the_file() -> None:
    file = {"affiliateId": "old", "affiliateIds": ["older"]}

    assert apply_options(file, {"affiliate_id": ["a"]}) == {"affiliateId": "a"}
    assert apply_options(file, {"affiliate_id": ["a", "b"]}) == {"affiliateIds": ["a", "b"]}
    assert apply_options(file, {}) == file


def test_policy_options_change_only_their_own_fields() -> None:
    file = {"policy": {"maxRequotes": 7, "onQuoteExpiry": "wait"}}
    assert apply_options(file, {"on_quote_expiry": "expire"})["policy"] == {"maxRequotes": 7, "onQuoteExpiry": "expire"}


def test_the_account_comes_from_option_file_or_environment_in_turn(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BATON_ACCOUNT", "environment")
    file = tmp_path / "order.json"
    file.write_text(json.dumps({"account": "file"}))

    assert read_order(GOOD).account == "environment"
    assert read_order({**GOOD, "file": str(file)}).account == "file"
    assert read_order({**GOOD, "file": str(file), "account": "option"}).account == "option"


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"source_chain": None}, "sourceChain is missing (--source-chain)"),
        ({"recipient_address": " "}, "recipientAddress: must not be empty or have spaces around it"),
        ({"amount": "1.5"}, "amount: 1.5 has no unit; write 1.5 and the asset"),
        ({"amount": "0"}, "amount: must be above 0, in smallest units (--amount)"),
        ({"slippage_bps": 1001}, "slippageBps: must be at most 1000 (--slippage-bps)"),
        ({"amount_mode": "exact"}, "amountMode: "),
        ({"amount_mode": "exact_out"}, "refundAddress is required with amountMode exact_out (--refund-address)"),
        ({"app_fee": ["x:1"], "affiliate_id": ["a"]}, "appFees cannot be combined with affiliateId"),
        ({"app_fee": ["x"]}, "--app-fee x: write RECIPIENT:BPS"),
        ({"app_fee": [":5"]}, "--app-fee :5: write RECIPIENT:BPS"),
        ({"app_fee": ["x:0"]}, "appFees.0.fee: "),
        ({"reference": "a b"}, "reference: use 1 to 128 letters"),
        ({"account": "A!"}, "account: "),
        ({"on_quote_expiry": "panic"}, "policy.onQuoteExpiry: "),
        ({"max_requotes": 51}, "policy.maxRequotes: "),
        ({"deposit_window": "soon"}, "policy.depositWindow: "),
        ({"submit_at": "soon"}, "policy.submitAt: "),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_an_invalid_swap_field_gives_one_sentence_with_its_option(wrong: dict[str, Any], complaint: str) -> None:
    with pytest.raises(CommandFailed) as failed:
        read_order({**GOOD, **wrong})

    assert failed.value.exit_code == 2
    assert failed.value.message.startswith(complaint)
    assert "\n" not in failed.value.message
    if not complaint.startswith("--"):
        assert failed.value.message.endswith(")"), "the option that fills the field is named"


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"amount_fiat_usd": "25.001"}, "amountFiatUsd: write US dollars as digits"),
        ({"amount_fiat_usd": "0.50"}, "amountFiatUsd: must be between 1.00 and 50000.00 US dollars"),
        ({"amount": "1000"}, "amount: cannot be combined with amountFiatUsd"),
        ({"payer": " "}, "payer: must not be empty"),
        ({"payer_region": "x" * 65}, "payerRegion: "),
        ({"source_chain": "base"}, "sourceChain: an onramp is paid in BTC over Lightning; leave it out"),
        ({"zeroconf": True}, "zeroconfEnabled: an onramp has no such field; leave it out"),
        ({"kind": "swap"}, "amountFiatUsd: belongs to an onramp; add --kind onramp (--amount-fiat-usd)"),
        ({"kind": None, "amount_fiat_usd": None, "payer": "p"}, "payer: belongs to an onramp; add --kind onramp"),
        ({"kind": "sale"}, "kind: must be swap, onramp or offramp"),
        ({"reprice": "yes"}, "policy.reprice.mode: "),
        ({"reprice": "approve", "max_loss_bps": 10_001}, "policy.reprice.maxLossBps: "),
        ({"max_loss_bps": 5}, "policy.reprice.maxLossBps: belongs to --reprice approve; add that (--max-loss-bps)"),
        ({"reprice": "reject", "max_loss_bps": 5}, "policy.reprice.maxLossBps: belongs to --reprice approve"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_an_invalid_onramp_field_gives_one_sentence_with_its_option(wrong: dict[str, Any], complaint: str) -> None:
    with pytest.raises(CommandFailed) as failed:
        read_order({**ONRAMP, **wrong})

    assert failed.value.exit_code == 2
    assert failed.value.message.startswith(complaint)
    assert failed.value.message.endswith(")"), "the option that fills the field is named"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "order.json is not JSON: "),
        ("\xff", "order.json is not JSON: "),
        ('["order"]', "order.json must hold one JSON object: the order"),
        ('{"amuont": "1"}', "amuont is not a field of an order; did you mean amount?"),
        ('{"policy": 1}', "policy: "),
    ],
)
def test_a_file_that_is_no_order_gives_a_one_sentence_error(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "order.json"
    file.write_bytes(text.encode("latin-1"))

    with pytest.raises(CommandFailed) as failed:
        read_order({**GOOD, "max_requotes": 1, "file": str(file)})

    assert (failed.value.exit_code, "\n" in failed.value.message) == (2, False)
    assert complaint in failed.value.message
