"""Every documented payload is read completely, and one odd field does not make the rest unreadable."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from baton.orchestra.calls.approvals import ZeroConfDecided, ZeroConfDecision
from baton.orchestra.calls.orders import OrderHistory
from baton.orchestra.calls.webhooks import CreatedWebhook, WebhookList
from baton.orchestra.models import (
    AffiliateFee,
    AppFee,
    Estimate,
    EstimateRequest,
    OrderOfQuote,
    OrderRecord,
    OrderStatus,
    Quote,
    QuoteRequest,
    Submitted,
    WebhookEvent,
    Wire,
)
from baton.orchestra.onramp_models import OnrampCreated, OnrampRequest
from baton.orchestra.proofs import DepositProof
from baton.orchestra.rules.routes import RouteAsset
from tests.paths import FIXTURES

ORDER = {"id": "ord_1", "status": "processing"}
QUOTE = {
    "quoteId": "q_1",
    "depositAddress": "bc1q",
    "amountIn": "100000",
    "expiresAt": "2026-01-15T12:06:00.000Z",
}
TO_WHOLE = {
    "docs_g3_history_response.json": OrderHistory,
    "docs_g3_order_by_quote_response_partial.json": OrderOfQuote,
    "docs_g3_v2_routes_asset_entry.json": RouteAsset,
    "docs_g3_webhooks_list_response_schema.json": WebhookList,
    "seed000_quote_request.json": QuoteRequest,
    "seed001_estimate_response.json": Estimate,
    "seed001_onramp_request_affiliate.json": OnrampRequest,
    "seed001_onramp_response_op_ids.json": OnrampCreated,
    "seed004_estimate_response.json": Estimate,
    "seed004_onramp_response.json": OnrampCreated,
}
WEBHOOKS = sorted(path.name for path in FIXTURES.glob("*_webhook_order_*.json"))
IN_PARTS = {
    "docs_g2_zeroconf_accept.json",
    "docs_g2_zeroconf_decline.json",
    "seed000_submit_requests.json",
    "seed004_webhook_fiat_fragment.json",
}


def load(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


def test_every_documented_payload_has_a_test_here() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == TO_WHOLE.keys() | set(WEBHOOKS) | IN_PARTS
    assert len(WEBHOOKS) == 7


@pytest.mark.parametrize(("name", "model"), TO_WHOLE.items(), ids=TO_WHOLE)
def test_a_documented_payload_reads(name: str, model: type[Wire]) -> None:
    payload = load(name)
    written = model.model_validate(payload).wire()
    plain = {field: value for field, value in payload.items() if isinstance(value, str | int)}
    times = {field for field in plain if field.endswith("At")}
    assert {field: written.get(field) for field in plain if field not in times} == {
        field: value for field, value in plain.items() if field not in times
    }
    assert times <= written.keys()


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_documented_webhook_reads_into_the_flat_record(name: str) -> None:
    payload = load(name)
    data = payload["data"]
    event = WebhookEvent.model_validate(payload)
    order = event.data
    assert event.event == payload["event"] == f"order.{order.status}"
    assert event.timestamp is not None
    assert (order.id, order.quote_id, str(order.amount_in)) == (data["id"], data["quoteId"], data["amountIn"])
    assert (order.source_chain, order.source_tx_hash) == (data["source"]["chain"], data["source"]["txHash"])
    assert order.destination_address == data["destination"]["address"]
    assert order.error_code == (data["error"] or {}).get("code")
    assert order.error_message == (data["error"] or {}).get("message")
    assert (order.refund_asset, order.refund_amount, order.refund_tx_hash) == (None, None, None)
    assert order.updated_at is not None
    assert (order.completed_at is None) == (data["completedAt"] is None)


@pytest.mark.parametrize("name", WEBHOOKS)
def test_sub_objects_are_kept_as_received(name: str) -> None:
    data = load(name)["data"]
    written = WebhookEvent.model_validate(load(name)).data.wire()
    for part in ("swap", "priceLock", "paymentIntent", "feePlan", "feePayouts"):
        assert written.get(part) == data.get(part)


@pytest.mark.parametrize("name", ["docs_g2_zeroconf_accept.json", "docs_g2_zeroconf_decline.json"])
def test_a_documented_zeroconf_decision_and_its_answer_read(name: str) -> None:
    payload = load(name)
    assert ZeroConfDecision.model_validate(payload["request"]).wire() == payload["request"]
    assert ZeroConfDecided.model_validate(payload["response"]).wire() == payload["response"]


def test_the_documented_submit_bodies_read_as_proofs() -> None:
    for documented in load("seed000_submit_requests.json"):
        assert DepositProof.model_validate(documented["body"]).shapes


def test_the_documented_fiat_fields_read_and_a_placeholder_amount_is_none() -> None:
    order = OrderRecord.model_validate({**ORDER, **load("seed004_webhook_fiat_fragment.json")})
    assert order.amount_in is None
    assert order.amount_out == 99_500_000
    assert (order.amount_fiat_usd, order.amount_fiat_currency) == ("100.00", "USD")
    assert order.spot_usd_per_btc == "100450.00"


def test_the_nested_and_the_flat_order_read_as_the_same_record() -> None:
    nested = {
        **ORDER,
        "source": {"chain": "base", "asset": "USDC", "address": "0xa", "txHash": "0x1", "sweepTxHash": "0x2"},
        "destination": {"chain": "spark", "asset": "BTC", "address": "sp1", "txHash": "t"},
        "refund": {"asset": "USDC", "amount": "7", "txHash": "0x3"},
        "error": {"code": "slippage_exceeded", "message": "moved"},
    }
    flat = {
        **ORDER,
        "sourceChain": "base",
        "sourceAsset": "USDC",
        "sourceAddress": "0xa",
        "sourceTxHash": "0x1",
        "sweepTxHash": "0x2",
        "destinationChain": "spark",
        "destinationAsset": "BTC",
        "destinationAddress": "sp1",
        "destinationTxHash": "t",
        "refundAsset": "USDC",
        "refundAmount": "7",
        "refundTxHash": "0x3",
        "errorCode": "slippage_exceeded",
        "errorMessage": "moved",
    }
    assert OrderRecord.model_validate(nested) == OrderRecord.model_validate(flat)
    assert OrderRecord.model_validate(flat).refund_amount == 7


@pytest.mark.parametrize("error", [None, {"code": None, "message": None}, {}, "broken", 7])
def test_an_order_without_an_error_reads_as_having_none(error: Any) -> None:
    order = OrderRecord.model_validate({**ORDER, "error": error})
    assert (order.error_code, order.error_message) == (None, None)


@pytest.mark.parametrize("nonsense", ["abc", {}, [], True, 1.5, -3.5])
def test_nonsense_in_any_optional_field_of_an_order_reads_as_none(nonsense: Any) -> None:
    optional = [name for name, field in OrderRecord.model_fields.items() if not field.is_required()]
    counted = [name for name in optional if name.endswith(("_bps", "_vout"))]
    assert {"fee_bps", "total_fee_bps", "slippage_bps", "source_tx_vout"} == set(counted)
    order = OrderRecord.model_validate({**ORDER, **dict.fromkeys(optional, nonsense)})
    assert all(getattr(order, name) is None for name in counted)
    assert order.amount_in is None
    assert order.updated_at is None


@pytest.mark.parametrize("prefix", ["op_", "ord_", ""])
def test_an_order_id_of_either_generation_is_kept(prefix: str) -> None:
    assert OrderRecord.model_validate({"id": f"{prefix}x", "status": "new_one"}).id == f"{prefix}x"


@pytest.mark.parametrize("missing", ["id", "status"])
def test_an_order_without_id_or_status_is_refused(missing: str) -> None:
    for broken in ({**ORDER, missing: ""}, {**ORDER, missing: None}, {k: v for k, v in ORDER.items() if k != missing}):
        with pytest.raises(ValidationError):
            OrderRecord.model_validate(broken)


def test_a_record_survives_its_own_json() -> None:
    for name in WEBHOOKS:
        event = WebhookEvent.model_validate(load(name))
        assert WebhookEvent.model_validate(event.wire()) == event
        assert WebhookEvent.model_validate_json(event.model_dump_json()) == event


@pytest.mark.parametrize("stages", [None, "x", [None, 1, {}, {"name": 3}, {"name": "swept", "completedAt": "?"}]])
def test_stages_that_cannot_be_read_are_left_out(stages: Any) -> None:
    read = OrderStatus.model_validate({"order": ORDER, "stages": stages}).stages
    assert [stage.name for stage in read] == (["swept"] if isinstance(stages, list) else [])


def test_a_quote_without_an_order_yet_reads() -> None:
    answer = OrderOfQuote.model_validate({"quote": {"id": "q_1", "expired": "?"}, "order": None})
    assert answer.order is None
    assert answer.quote.expired is None


@pytest.mark.parametrize("missing", QUOTE)
def test_a_quote_without_a_field_that_a_payer_needs_is_refused(missing: str) -> None:
    assert Quote.model_validate(QUOTE).amount_in == 100_000
    for broken in ({k: v for k, v in QUOTE.items() if k != missing}, {**QUOTE, missing: None}, {**QUOTE, missing: ""}):
        with pytest.raises(ValidationError):
            Quote.model_validate(broken)


def test_a_quote_keeps_its_deposit_memo() -> None:
    assert Quote.model_validate({**QUOTE, "depositMemo": 104_233}).deposit_memo == "104233"
    assert Quote.model_validate(QUOTE).deposit_memo is None
    with pytest.raises(ValidationError):
        Quote.model_validate({**QUOTE, "depositMemo": {"tag": 104_233}})


def test_odd_optional_fields_do_not_make_a_quote_unreadable() -> None:
    odd: dict[str, Any] = {
        "feeBps": "?",
        "route": None,
        "estimatedOut": 1.5,
        "zeroconfEnabled": "yes",
        "inputBufferBps": [],
    }
    quote = Quote.model_validate({**QUOTE, **odd, "appFees": [{"fee": "?"}]})
    assert (quote.fee_bps, quote.route, quote.estimated_out, quote.zeroconf_enabled) == (None, [], None, None)


def test_a_quote_request_uses_the_apis_names_and_omits_absent_fields() -> None:
    request = QuoteRequest(
        source_chain="base",
        source_asset="USDC",
        destination_chain="spark",
        destination_asset="BTC",
        amount=100_000_000,
        recipient_address="spark1...",
        app_fees=[AppFee(recipient="spark2...", fee=25)],
        affiliate_ids=["one", AffiliateFee(affiliate_id="two", fee_bps=5)],
        zeroconf_enabled=False,
    )
    assert request.wire() == {
        "sourceChain": "base",
        "sourceAsset": "USDC",
        "destinationChain": "spark",
        "destinationAsset": "BTC",
        "amount": "100000000",
        "recipientAddress": "spark1...",
        "appFees": [{"recipient": "spark2...", "fee": 25}],
        "affiliateIds": ["one", {"affiliateId": "two", "feeBps": 5}],
        "zeroconfEnabled": False,
    }
    assert EstimateRequest.model_validate(request.wire()).affiliate_ids == ["one", "two"]


@pytest.mark.parametrize(
    "body",
    [
        {"orderId": "ord_1", "status": "processing"},
        {"order": {"orderId": "ord_1", "status": "processing"}},
        {"order": {"id": "ord_1"}},
        {"orderId": "ord_1", "status": None, "readToken": "x"},
    ],
)
def test_a_submit_answer_reads_flat_or_wrapped_and_starts_at_processing(body: dict[str, Any]) -> None:
    submitted = Submitted.model_validate(body)
    assert (submitted.order_id, submitted.status, submitted.replayed) == ("ord_1", "processing", False)


def test_a_submit_answer_without_an_order_id_is_refused() -> None:
    not_submitted: list[Any] = [{}, {"order": {}}, {"orderId": ""}, [], None]
    for broken in not_submitted:
        with pytest.raises(ValidationError):
            Submitted.model_validate(broken)


def test_the_secret_of_a_webhook_is_not_shown() -> None:
    created = CreatedWebhook.model_validate({"webhookId": "wh_1", "secret": "whsec_hidden"})
    assert created.secret == "whsec_hidden"
    assert "whsec_hidden" not in repr(created)


def test_the_replayed_flag_is_never_serialized() -> None:
    quote = Quote.model_validate(QUOTE)
    quote.mark_replayed(True)
    assert quote.replayed
    assert "replayed" not in quote.model_dump_json()
    assert not Quote.model_validate({**QUOTE, "replayed": True, "_replayed": True}).replayed


@pytest.mark.parametrize(("field", "length"), [("quoteId", 201), ("depositAddress", 4_097), ("depositMemo", 201)])
def test_a_quote_whose_id_or_address_is_too_long_is_an_error(field: str, length: int) -> None:
    quote = {"quoteId": "q_1", "depositAddress": "0xa", "amountIn": "1", "expiresAt": "2026-01-01T00:00:00Z"}

    with pytest.raises(ValidationError, match=field):
        Quote.model_validate({**quote, field: "x" * length})


def test_the_texts_of_a_quote_are_cut() -> None:
    quote = Quote.model_validate(
        {
            "quoteId": "q_1",
            "depositAddress": "0xa",
            "amountIn": "1",
            "expiresAt": "2026-01-01T00:00:00Z",
            "feeAsset": "f" * 10_000,
            "route": ["r" * 10_000] * 1_000,
        }
    )

    assert len(quote.fee_asset or "") == 500
    assert (len(quote.route), len(quote.route[0])) == (20, 100)
