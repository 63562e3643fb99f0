"""`POST /webhooks/orchestra/{account}` from outside: who gets in, what is answered, and what the workflow gets."""

import asyncio
import json
import time

import pytest
from structlog.testing import capture_logs

from baton.gateway.body import MAX_BODY
from baton.ledger.rows import QuoteEntry
from baton.orchestra.webhooks import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign, signed_headers
from baton.orders.observation import Source, open_envelope
from tests.eventually import eventually
from tests.gateway.world import OLD_SECRET, SECRET, event_of, open_order


def error_code(response):
    """Return the code of an error response, and check its form."""
    error = response.json()["error"]
    assert {"code", "message"} <= set(error)
    assert error["message"]
    return error["code"]


async def test_a_signed_event_reaches_the_workflow_before_it_is_answered(gateway, order):
    response = await gateway.deliver(order.order_id, "bridging", amountIn="100000000")
    assert (response.status_code, response.json()) == (200, {"status": "handed_over"})
    ((envelope,),) = await order.handle.query("signals")
    observation = open_envelope(envelope)
    assert (observation.source, observation.event) == (Source.WEBHOOK, "order.bridging")
    assert observation.record.amount_in == 100000000


async def test_a_delivery_is_recorded_without_its_body(gateway, order, ledger):
    await gateway.deliver(order.order_id, "bridging", recipientAddress="bc1qsomebody")
    (row,) = await eventually(lambda: ledger.deliveries(workflow_id=order.handle.id))
    assert (row.account, row.order_id, row.event, row.status) == (
        "default",
        order.order_id,
        "order.bridging",
        "bridging",
    )
    assert row.disposition == "handed_over"
    assert row.event_timestamp <= row.received_at
    assert "bc1qsomebody" not in row.model_dump_json()


async def test_an_order_known_only_by_its_quote_is_found(gateway, order, ledger):
    entry = QuoteEntry(
        account="default",
        quote_id=order.quote_id,
        workflow_id=order.handle.id,
        created_at="2026-01-01T00:00:00Z",
    )
    await ledger.index_quote(entry)
    response = await gateway.deliver("ord_seen_for_the_first_time", "processing", quoteId=order.quote_id)
    assert response.json() == {"status": "handed_over"}
    assert await order.signals() == [["processing"]]


async def test_an_account_cannot_reach_the_orders_of_another(gateway, order):
    response = await gateway.post(event_of(order.order_id, "completed"), account="other")
    assert (response.status_code, response.json()) == (202, {"status": "unclaimed"})
    assert await order.signals() == []


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
async def test_both_secrets_are_accepted_during_a_rotation(gateway, order, secret):
    response = await gateway.post(event_of(order.order_id, "swapping"), secret=secret)
    assert response.status_code == 200


async def test_a_signature_may_be_in_upper_case(gateway, order):
    body, now = event_of(order.order_id, "swapping"), int(time.time() * 1000)
    headers = {TIMESTAMP_HEADER: str(now), SIGNATURE_HEADER: sign(SECRET, now, body).upper()}
    assert (await gateway.post(body, headers=headers)).status_code == 200


async def test_an_unknown_account_gets_a_404(gateway, order):
    response = await gateway.post(event_of(order.order_id, "completed"), account="nobody")
    assert (response.status_code, error_code(response)) == (404, "unknown_account")


async def test_a_tampered_body_is_refused_and_not_signalled(gateway, order):
    now = int(time.time() * 1000)
    genuine, forged = event_of(order.order_id, "refunding"), event_of(order.order_id, "completed")
    headers = {TIMESTAMP_HEADER: str(now), SIGNATURE_HEADER: sign(SECRET, now, genuine)}
    response = await gateway.post(forged, headers=headers)
    assert (response.status_code, error_code(response)) == (401, "mismatch")
    assert await order.signals() == []


@pytest.mark.parametrize(
    ("age", "reason"),
    [(301, "stale"), (-301, "from_the_future")],
)
async def test_a_delivery_with_a_timestamp_out_of_tolerance_is_refused(gateway, order, age, reason):
    response = await gateway.post(event_of(order.order_id, "completed"), age=age)
    assert (response.status_code, error_code(response)) == (401, reason)
    assert await order.signals() == []


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        (SIGNATURE_HEADER, "", "missing_header"),
        (TIMESTAMP_HEADER, "", "missing_header"),
        (TIMESTAMP_HEADER, "yesterday", "bad_timestamp"),
        (SIGNATURE_HEADER, "not hex", "mismatch"),
        (SIGNATURE_HEADER, "ab" * 32, "mismatch"),
    ],
)
async def test_a_delivery_without_a_valid_signature_is_refused(gateway, order, header, value, reason):
    response = await gateway.post(event_of(order.order_id, "completed"), headers={header: value})
    assert (response.status_code, error_code(response)) == (401, reason)
    assert await order.signals() == []


async def test_an_unsigned_body_is_refused_before_it_is_parsed(gateway):
    response = await gateway.post(b"{ not json", secret="whsec_of_a_stranger")
    assert (response.status_code, error_code(response)) == (401, "mismatch")


async def test_an_account_without_a_secret_refuses_and_logs_the_missing_setting(gateway):
    with capture_logs() as lines:
        response = await gateway.post(event_of("ord_any", "completed"), account="bare", secret="")
    assert (response.status_code, error_code(response)) == (401, "no_secret")
    (line,) = lines
    assert "ORCHESTRA_WEBHOOK_SECRET" in line["reason"]
    assert "[accounts.bare]" in line["reason"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "JSON"),
        (b"{ not json", "JSON"),
        (b"[]", "the body"),
        (b'{"event": "order.completed"}', "data"),
        (b'{"event": "order.completed", "data": {"status": "completed"}}', "data.id"),
        (b'{"data": {"id": "ord_1", "status": "completed"}}', "event"),
    ],
)
async def test_a_signed_body_that_is_no_event_is_refused_naming_the_field(gateway, body, named):
    response = await gateway.post(body)
    assert (response.status_code, error_code(response)) == (400, "not_an_event")
    assert named in response.json()["error"]["message"]


async def test_an_unknown_status_reaches_the_workflow(gateway, order):
    response = await gateway.deliver(order.order_id, "teleporting")
    assert response.status_code == 200
    assert await order.signals() == [["teleporting"]]


async def test_the_same_event_twice_is_harmless(gateway, order):
    body = event_of(order.order_id, "delivering")
    responses = [await gateway.post(body), await gateway.post(body)]
    assert [response.status_code for response in responses] == [200, 200]
    first, second = await order.handle.query("signals")
    for envelope in (*first, *second):
        envelope.pop("received_at")
    assert first == second


async def test_a_webhook_for_an_unknown_order_is_recorded_as_unclaimed(gateway, ledger):
    with capture_logs() as lines:
        response = await gateway.deliver("ord_of_nobody", "processing")
    assert (response.status_code, response.json()) == (202, {"status": "unclaimed"})
    rows = [row for row in await ledger.deliveries() if row.order_id == "ord_of_nobody"]
    assert [(row.disposition, row.workflow_id, row.status) for row in rows] == [("unclaimed", None, "processing")]
    assert [line["log_level"] for line in lines] == ["warning"]


async def test_a_webhook_after_the_workflow_closed_is_recorded_as_late(gateway, order, ledger):
    await order.close()
    response = await gateway.deliver(order.order_id, "refunded", updatedAt="2026-11-20T10:00:00Z")
    assert (response.status_code, response.json()) == (200, {"status": "late"})
    (row,) = await ledger.deliveries(workflow_id=order.handle.id)
    assert row.disposition == "late"
    (transition,) = await ledger.transitions(order.handle.id)
    assert (transition.status, transition.source) == ("refunded", "late")
    assert transition.at.isoformat() == "2026-11-20T10:00:00+00:00"


async def test_an_order_whose_workflow_temporal_lost_is_adopted(gateway, ledger):
    await ledger.index_order("default", "ord_forgotten", "order/default/forgotten")
    response = await gateway.deliver("ord_forgotten", "completed")
    assert (response.status_code, response.json()) == (200, {"status": "adopted"})
    assert await ledger.find_workflow("default", order_id="ord_forgotten") == "order/default/~orchestra:ord_forgotten"


async def send_raw(gateway, head, chunks=()):
    """Send raw bytes; return the raw response."""
    host, port = gateway.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /webhooks/orchestra/default HTTP/1.1\r\nHost: gateway\r\n" + head + b"\r\n")
    for chunk in chunks:
        writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        await writer.drain()
    try:
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()
        await writer.wait_closed()


async def test_a_body_announced_as_too_large_is_refused_before_it_is_sent(gateway):
    response = await send_raw(gateway, b"Content-Length: %d\r\n" % (MAX_BODY + 1))
    assert response.startswith(b"HTTP/1.1 413 ")
    assert b'"too_large"' in response


async def test_a_chunked_body_is_refused_as_soon_as_it_is_too_large(gateway):
    # The body never ends: only a limit that is checked while reading can refuse it.
    chunks = [b"x" * (MAX_BODY // 4)] * 4 + [b"x"]
    response = await send_raw(gateway, b"Transfer-Encoding: chunked\r\n", chunks)
    assert response.startswith(b"HTTP/1.1 413 ")
    assert b'"too_large"' in response


async def test_a_body_of_exactly_the_limit_is_accepted(gateway, order):
    body = event_of(order.order_id, "bridging")
    response = await gateway.post(body + b" " * (MAX_BODY - len(body)))
    assert response.status_code == 200


async def test_a_caller_that_disconnects_during_its_body_causes_no_error(gateway, caplog):
    host, port = gateway.address.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /webhooks/orchestra/default HTTP/1.1\r\nHost: gateway\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await gateway.http.get("/healthz")).status_code == 200
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_other_methods_and_paths_get_the_same_error_envelope(gateway):
    wrong_method = await gateway.http.get("/webhooks/orchestra/default")
    assert (wrong_method.status_code, error_code(wrong_method)) == (405, "method_not_allowed")
    assert wrong_method.headers["allow"] == "POST"
    wrong_path = await gateway.http.get("/nothing/here")
    assert (wrong_path.status_code, error_code(wrong_path)) == (404, "not_found")


async def test_the_logs_contain_no_secret_signature_or_body(gateway, order, gateway_temporal, ledger):
    closed = await open_order(gateway_temporal)
    await ledger.index_order("default", closed.order_id, closed.handle.id)
    await closed.close()
    body = event_of(order.order_id, "bridging", recipientAddress="bc1qsomebody")
    with capture_logs() as lines:
        accepted = await gateway.post(body)
        await gateway.post(body, secret="whsec_of_a_stranger")
        await gateway.post(body, age=900)
        await gateway.post(b'{"recipientAddress": "bc1qsomebody"}')
        for order_id in ("ord_unknown", closed.order_id):
            await gateway.deliver(order_id, "completed", recipientAddress="bc1qsomebody")
    text = json.dumps(lines, default=str)
    assert len(lines) == 6
    for private in (SECRET, OLD_SECRET, "bc1qsomebody", accepted.request.headers[SIGNATURE_HEADER]):
        assert private not in text


async def test_a_url_with_a_slash_at_its_end_is_served_without_a_redirect(gateway, order):
    body = event_of(order.order_id, "bridging")
    headers = signed_headers(SECRET, int(time.time() * 1000), body)

    response = await gateway.http.post("/webhooks/orchestra/default/", content=body, headers=headers)

    assert (response.status_code, response.json()) == (200, {"status": "handed_over"})
