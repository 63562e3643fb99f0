"""The client sends what the API documents, with the caller's idempotency key and its own bearer key."""

import json

import httpx
import pytest

from baton.orchestra.client import OrchestraClient
from baton.orchestra.models import EstimateRequest
from baton.orchestra.proofs import DepositProof
from tests.orchestra.calling import API_KEY, BASE, QUOTE, REQUEST, Recorder, client_of


async def test_a_quote_is_posted_with_bearer_key_and_idempotency_key() -> None:
    seen = Recorder(QUOTE)
    async with client_of(seen) as api:
        quote = await api.quote(REQUEST, "quote:1")
    assert (quote.quote_id, quote.amount_in, quote.replayed) == ("q_1", 100, False)
    assert (seen.asked.method, str(seen.asked.url)) == ("POST", f"{BASE}/v1/orchestration/quote")
    assert seen.asked.headers["Authorization"] == f"Bearer {API_KEY}"
    assert seen.asked.headers["X-Idempotency-Key"] == "quote:1"
    assert seen.asked.headers["Content-Type"] == "application/json"
    assert seen.asked.headers["User-Agent"].startswith("baton/")
    assert json.loads(seen.asked.content) == REQUEST.wire()


@pytest.mark.parametrize(
    "proof",
    [
        DepositProof(tx_hash="0x1", source_address="0xa"),
        DepositProof(spark_tx_hash="s", source_spark_address="sp1"),
        DepositProof(bitcoin_txid="aa", bitcoin_vout=0),
        DepositProof(lightning_receive_request_id="SparkLightningReceiveRequest:1"),
    ],
    ids=lambda proof: proof.shapes[0].value,
)
async def test_each_proof_shape_is_submitted_with_its_quote(proof: DepositProof) -> None:
    seen = Recorder({"orderId": "ord_1", "status": "processing"})
    async with client_of(seen) as api:
        submitted = await api.submit("q_1", proof, "submit:1")
    assert (submitted.order_id, submitted.status) == ("ord_1", "processing")
    assert seen.asked.url.path == "/v1/orchestration/submit"
    assert json.loads(seen.asked.content) == {"quoteId": "q_1", **proof.wire()}


async def test_a_replayed_answer_is_marked_as_replayed() -> None:
    seen = Recorder(QUOTE, headers={"X-Idempotency-Replayed": "true"})
    async with client_of(seen) as api:
        assert (await api.quote(REQUEST, "quote:1")).replayed


@pytest.mark.parametrize(
    ("way", "query"),
    [
        ({"order_id": "ord_1"}, {"id": "ord_1"}),
        ({"quote_id": "q_1"}, {"quoteId": "q_1"}),
        ({"tx_hash": "0x1&x=y", "source_chain": "base"}, {"txHash": "0x1&x=y", "sourceChain": "base"}),
    ],
)
async def test_an_order_is_read_by_id_by_quote_or_by_deposit(way: dict[str, str], query: dict[str, str]) -> None:
    seen = Recorder({"order": {"id": "ord_1", "status": "processing"}, "stages": []})
    async with client_of(seen) as api:
        assert (await api.status(**way)).order.id == "ord_1"
    assert (seen.asked.method, seen.asked.url.path) == ("GET", "/v1/orchestration/status")
    assert dict(seen.asked.url.params) == query
    assert "X-Idempotency-Key" not in seen.asked.headers


@pytest.mark.parametrize(
    "way",
    [
        {},
        {"order_id": "o", "quote_id": "q"},
        {"order_id": "o", "source_chain": "base"},
        {"tx_hash": "0x1"},
        {"source_chain": "base"},
        {"tx_hash": "", "source_chain": ""},
    ],
)
async def test_an_ambiguous_status_read_is_refused_before_it_is_sent(way: dict[str, str]) -> None:
    seen = Recorder({})
    async with client_of(seen) as api:
        with pytest.raises(ValueError, match="tx_hash with source_chain"):
            await api.status(**way)
    assert seen.requests == []


async def test_a_quote_without_an_order_yet_has_none() -> None:
    seen = Recorder({"quote": {"id": "q_1"}, "order": None})
    async with client_of(seen) as api:
        assert (await api.order_of_quote("q_1")).order is None
    assert str(seen.asked.url) == f"{BASE}/v1/orchestration/order?quoteId=q_1"


async def test_an_estimate_sends_only_what_a_query_can_carry() -> None:
    seen = Recorder({"estimatedOut": "5"})
    async with client_of(seen) as api:
        assert (await api.estimate(REQUEST)).estimated_out == 5
    assert seen.asked.url.params.multi_items() == [
        ("sourceChain", "base"),
        ("sourceAsset", "USDC"),
        ("destinationChain", "spark"),
        ("destinationAsset", "BTC"),
        ("amount", "100"),
        ("recipientAddress", "spark1"),
        ("affiliateIds", "one"),
        ("affiliateIds", "two"),
    ]


async def test_an_estimate_needs_no_recipient() -> None:
    fields = REQUEST.wire()
    del fields["recipientAddress"]
    seen = Recorder({"estimatedOut": "5"})
    async with client_of(seen) as api:
        await api.estimate(EstimateRequest.model_validate(fields))
    assert "recipientAddress" not in seen.asked.url.params


async def test_webhook_endpoints_are_created_listed_and_deleted() -> None:
    asked: list[tuple[str, str, str | None]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append((request.method, request.url.raw_path.decode(), request.headers.get("X-Idempotency-Key")))
        answers: dict[str, httpx.Response] = {
            "POST": httpx.Response(201, json={"webhookId": "wh_1", "secret": "whsec_1"}),
            "GET": httpx.Response(
                200, json={"webhooks": [{"id": "wh_1", "url": "https://a.example", "enabled": True}]}
            ),
            "DELETE": httpx.Response(204),
        }
        return answers[request.method]

    async with client_of(handler) as api:
        created = await api.create_webhook("https://a.example", "webhook:1")
        listed = await api.webhooks()
        await api.delete_webhook("wh/1?x", "webhook:2")
    assert (created.webhook_id, created.secret) == ("wh_1", "whsec_1")
    assert [(endpoint.id, endpoint.url, endpoint.enabled) for endpoint in listed] == [
        ("wh_1", "https://a.example", True)
    ]
    assert asked == [
        ("POST", "/v1/webhooks", "webhook:1"),
        ("GET", "/v1/webhooks", None),
        ("DELETE", "/v1/webhooks/wh%2F1%3Fx", "webhook:2"),
    ]


@pytest.mark.parametrize("webhook_id", ["", ".", ".."])
async def test_a_webhook_id_that_would_change_the_path_is_refused(webhook_id: str) -> None:
    seen = Recorder({})
    async with client_of(seen) as api:
        with pytest.raises(ValueError, match="webhook_id"):
            await api.delete_webhook(webhook_id, "webhook:1")
    assert seen.requests == []


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://api.example", "https://api.example/v1/webhooks"),
        ("https://api.example/", "https://api.example/v1/webhooks"),
        ("  https://api.example//  ", "https://api.example/v1/webhooks"),
        ("http://127.0.0.1:8090/prefix", "http://127.0.0.1:8090/prefix/v1/webhooks"),
        ("http://127.0.0.1:8090/prefix/", "http://127.0.0.1:8090/prefix/v1/webhooks"),
        ("http://[::1]:8090", "http://[::1]:8090/v1/webhooks"),
    ],
)
async def test_a_base_url_may_have_a_path_and_a_slash(base: str, url: str) -> None:
    seen = Recorder({"webhooks": []})
    async with client_of(seen, base) as api:
        await api.webhooks()
    assert str(seen.asked.url) == url


@pytest.mark.parametrize(
    "base",
    ["", "api.example", "ftp://api.example", "file:///etc", "https://", "/v1", "https://a.example:port", "http://[::"],
)
def test_a_base_url_that_is_not_http_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        OrchestraClient(base, API_KEY)


@pytest.mark.parametrize("base", ["https://me:pass-word@a.example", "https://a.example?key=pass-word"])
def test_a_base_url_with_a_secret_in_it_is_refused_without_repeating_it(base: str) -> None:
    with pytest.raises(ValueError, match="must not contain") as refused:
        OrchestraClient(base, API_KEY)
    assert "pass-word" not in str(refused.value)


@pytest.mark.parametrize("api_key", ["fn_secret\n", "fn secret", "fn_sécret", "fn_secret\r\nX-Evil: 1"])
def test_an_impossible_api_key_is_refused_without_repeating_it(api_key: str) -> None:
    with pytest.raises(ValueError, match="api_key") as refused:
        OrchestraClient(BASE, api_key)
    assert "secret" not in str(refused.value)
    assert "sécret" not in str(refused.value)


async def test_without_an_api_key_no_authorization_is_sent() -> None:
    seen = Recorder({"estimatedOut": "5"})
    async with OrchestraClient(BASE, "", transport=httpx.MockTransport(seen)) as api:
        await api.estimate(REQUEST)
    assert "Authorization" not in seen.asked.headers


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb", "é", " a", "a "])
async def test_an_idempotency_key_that_the_api_would_refuse_is_not_sent(key: str) -> None:
    seen = Recorder(QUOTE)
    async with client_of(seen) as api:
        with pytest.raises(ValueError, match="1 to 255 printable ASCII"):
            await api.quote(REQUEST, key)
    assert seen.requests == []
