"""Every answer of the partner API becomes a model or exactly one error of the tree."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baton.orchestra.answers import MAX_RETRY_AFTER, RawAnswer, check, error_of, read, read_envelope, read_retry_after
from baton.orchestra.errors import (
    ErrorAnswer,
    InProgress,
    MalformedAnswer,
    NotFound,
    OrchestraError,
    ProxyAnswer,
    RateLimited,
    Refused,
    Retry,
    ServerTrouble,
    Unauthorized,
)
from baton.orchestra.models import Estimate, OrderStatus, Submitted

CALL = "POST /v1/orchestration/submit"
DATE = datetime(2026, 1, 15, 12, 0, 0, tzinfo=UTC)
HTTP_NOW = format_datetime(DATE, usegmt=True)
EVIDENCE = ["tx_not_found", "vout_not_found"]


def answer(status: int, body: Any = b"", **headers: str) -> RawAnswer:
    raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    return RawAnswer(
        CALL, status, httpx.Headers({name.replace("_", "-"): value for name, value in headers.items()}), raw
    )


def refusal(status: int, code: str) -> ErrorAnswer:
    return error_of(answer(status, {"error": {"code": code, "message": "words"}}))


@pytest.mark.parametrize(
    ("status", "code", "kind", "retry"),
    [
        (400, "invalid_request", Refused, Retry.NEVER),
        (400, "missing_idempotency_key", Refused, Retry.NEVER),
        (401, "unauthorized", Unauthorized, Retry.NEVER),
        (403, "partner_disabled", Unauthorized, Retry.NEVER),
        (404, "not_found", NotFound, Retry.NEVER),
        (404, "route_not_here", Refused, Retry.NEVER),
        (405, "http_405", Refused, Retry.NEVER),
        (408, "timeout", ServerTrouble, Retry.SAME_KEY),
        (409, "conflict", Refused, Retry.NEXT_KEY),
        (409, "idempotency_conflict", Refused, Retry.NEVER),
        (409, "idempotency_in_progress", InProgress, Retry.SAME_KEY),
        (409, "quote_expired", Refused, Retry.NEVER),
        (413, "payload_too_large", Refused, Retry.NEVER),
        (425, "too_early", ServerTrouble, Retry.SAME_KEY),
        (429, "rate_limited", RateLimited, Retry.SAME_KEY),
        (500, "misconfigured", ServerTrouble, Retry.SAME_KEY),
        (503, "spot_unavailable", ServerTrouble, Retry.SAME_KEY),
        (503, "tx_not_found", ServerTrouble, Retry.SAME_KEY),
        (599, "odd", ServerTrouble, Retry.SAME_KEY),
        (302, "http_302", ErrorAnswer, Retry.SAME_KEY),
    ],
)
def test_status_and_code_decide_the_error(status: int, code: str, kind: type, retry: Retry) -> None:
    error = refusal(status, code)
    assert type(error) is kind
    assert (error.code, error.http_status, error.retry) == (code, status, retry)


@pytest.mark.parametrize("code", EVIDENCE)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 422, 425, 429])
def test_a_deposit_not_found_yet_is_retried_with_the_next_key(status: int, code: str) -> None:
    error = refusal(status, code)
    assert type(error) is Refused
    assert error.retry is Retry.NEXT_KEY


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"error": {"code": "a_code", "message": "Words."}}, "a_code", "Words."),
        ({"code": "a_code", "message": "Words."}, "a_code", "Words."),
        ({"error": "a_code"}, "a_code", None),
        ({"error": "a_code", "message": "Words."}, "a_code", "Words."),
        ({"error": {"code": "a_code"}}, "a_code", None),
        ({"error": {"message": "Words."}}, "http_418", "Words."),
        ({"error": {"code": 7, "message": ["x"]}}, "http_418", None),
        ({"error": {"code": "  ", "message": ""}}, "http_418", None),
        ({"error": None}, "http_418", None),
        ({}, "http_418", None),
        ([], "http_418", None),
        (b"<html>Bad gateway</html>", "http_418", None),
        (b"\xff\x00", "http_418", None),
        (b"[" * 100_000, "http_418", None),
        (b"", "http_418", None),
        (None, "http_418", None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_every_shape_of_error_body_reads(body: Any, code: str, message: str | None) -> None:
    read_out = read_envelope(answer(418, body))
    assert read_out.code == code
    assert read_out.message == (message or f"{CALL} was answered with HTTP 418")


def test_a_very_long_error_text_is_cut() -> None:
    error = error_of(answer(400, {"error": {"code": "c" * 10_000, "message": "m" * 10_000}}))
    assert len(error.code) == 100
    assert len(error.message) == 500


@given(st.integers(min_value=300, max_value=599), st.binary(max_size=80), st.text(max_size=40))
@settings(deadline=None)
def test_any_answer_that_is_not_a_success_is_an_error_of_the_tree(status: int, body: bytes, asked: str) -> None:
    raw = RawAnswer(CALL, status, {"Retry-After": asked, "X-RateLimit-Reset": asked, "Date": asked}, body)
    error = error_of(raw)
    assert error.code
    assert error.message
    assert error.retry_after is None or 0 <= error.retry_after <= MAX_RETRY_AFTER


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("999999", MAX_RETRY_AFTER),
        (format_datetime(DATE + timedelta(seconds=42), usegmt=True), 42.0),
        (format_datetime(DATE - timedelta(seconds=42), usegmt=True), 0.0),
        (format_datetime(DATE + timedelta(days=9), usegmt=True), MAX_RETRY_AFTER),
        ("-1", None),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("٣", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [429, 409, 503])
def test_retry_after_is_read_as_seconds_or_as_a_date(status: int, asked: str, seconds: float | None) -> None:
    headers = httpx.Headers([(b"Retry-After", asked.encode()), (b"Date", HTTP_NOW.encode())])
    assert read_retry_after(RawAnswer(CALL, status, headers, b"")) == seconds


def test_a_retry_date_is_compared_with_the_apis_clock() -> None:
    later = format_datetime(DATE + timedelta(seconds=5), usegmt=True)
    assert read_retry_after(answer(429, Retry_After=later, Date=HTTP_NOW)) == 5.0


def test_without_a_date_header_our_clock_is_used() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert read_retry_after(answer(429, Retry_After=later)) == pytest.approx(60, abs=5)


def test_the_reset_of_a_429_is_read_as_milliseconds_since_the_epoch() -> None:
    reset = str(int((DATE.timestamp() + 12.5) * 1000))
    assert read_retry_after(answer(429, X_RateLimit_Reset=reset, Date=HTTP_NOW)) == 12.5


def test_retry_after_takes_precedence_over_the_reset() -> None:
    reset = str(int((DATE.timestamp() + 12.5) * 1000))
    assert read_retry_after(answer(429, Retry_After="3", X_RateLimit_Reset=reset, Date=HTTP_NOW)) == 3.0


@pytest.mark.parametrize(("status", "offset"), [(429, -1.0), (503, 12.5), (200, 12.5)])
def test_a_reset_in_the_past_or_of_another_status_is_ignored(status: int, offset: float) -> None:
    reset = str(int((DATE.timestamp() + offset) * 1000))
    assert read_retry_after(answer(status, X_RateLimit_Reset=reset, Date=HTTP_NOW)) is None


def test_an_error_has_the_retry_after_and_the_replayed_flag() -> None:
    error = error_of(
        answer(409, {"error": {"code": "idempotency_in_progress"}}, Retry_After="2", X_Idempotency_Replayed="true")
    )
    assert (error.retry_after, error.replayed) == (2.0, True)


def test_a_redirect_says_to_check_the_base_url() -> None:
    assert "check the base URL" in error_of(answer(308, Location="https://elsewhere.example")).message


@pytest.mark.parametrize(("header", "replayed"), [("true", True), ("True", True), ("false", False), ("", False)])
def test_a_keyed_answer_knows_whether_it_was_replayed(header: str, replayed: bool) -> None:
    raw = answer(200, {"orderId": "ord_1"}, X_Idempotency_Replayed=header)
    assert read(raw, Submitted).replayed is replayed
    assert not read(answer(200, {"orderId": "ord_1"}), Submitted).replayed


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "it is not JSON"),
        (b"<html>", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (None, "it is too large"),
        ([], "the body must be an object"),
        ({}, "orderId is missing"),
        ({"orderId": 7}, "orderId must be a string"),
        ({"orderId": ""}, "orderId must not be empty"),
    ],
    ids=lambda value: str(value)[:30],
)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_success_that_cannot_be_read_is_malformed_and_keeps_its_key(status: int, body: Any, words: str) -> None:
    with pytest.raises(MalformedAnswer, match=words) as error:
        read(answer(status, body), Submitted)
    assert (error.value.code, error.value.http_status) == ("malformed_answer", status)
    assert error.value.retry is Retry.SAME_KEY
    assert CALL in error.value.message


def test_a_malformed_answer_does_not_repeat_its_values() -> None:
    with pytest.raises(MalformedAnswer) as error:
        read(answer(200, {"orderId": ["private-thing"]}), Submitted)
    assert "private-thing" not in str(error.value)


@pytest.mark.parametrize("model", [Submitted, Estimate, OrderStatus])
def test_an_error_status_is_an_error_even_with_the_body_of_a_success(model: type) -> None:
    body = {"orderId": "ord_1", "estimatedOut": "1", "order": {"id": "ord_1", "status": "processing"}}
    assert read(answer(200, body), model)
    with pytest.raises(OrchestraError):
        read(answer(500, body), model)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_where_the_body_is_not_read_any_success_passes(status: int) -> None:
    check(answer(status, b"ok"))
    check(answer(status, None))
    with pytest.raises(ProxyAnswer):
        check(answer(404, None))


@pytest.mark.parametrize(
    "body",
    [
        b"default backend - 404",
        b"<html>Just a moment...</html>",
        b'{"message": "no Route matched with those values"}',
        b'{"statusCode": 404, "error": "Not Found", "message": "Cannot POST /submit"}',
        b'["not_found"]',
        b"",
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
def test_a_4xx_without_the_apis_envelope_decides_nothing(status: int, body: bytes) -> None:
    error = error_of(answer(status, body))

    assert type(error) is ProxyAnswer
    assert error.retry is Retry.SAME_KEY
    assert "not by Orchestra" in error.message


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"code": "not_found", "message": "m"}}',
        b'{"code": "not_found", "message": "m"}',
        b'{"error": "not_found"}',
    ],
)
def test_a_4xx_with_the_apis_envelope_stays_a_decision(body: bytes) -> None:
    assert type(error_of(answer(404, body))) is NotFound


@pytest.mark.parametrize(("status", "kind"), [(408, ServerTrouble), (429, RateLimited), (502, ServerTrouble)])
def test_a_passing_status_needs_no_envelope(status: int, kind: type) -> None:
    assert type(error_of(answer(status, b"<html>busy</html>"))) is kind
