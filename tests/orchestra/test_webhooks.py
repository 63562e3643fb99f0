"""A delivery is accepted, and read, only when one of our secrets signed its exact bytes recently."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baton.orchestra.webhooks import (
    DEFAULT_TOLERANCE,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    NotAnEvent,
    SignatureError,
    SignatureReason,
    read_event,
    sign,
    signed_headers,
    verify,
)
from tests.paths import FIXTURES

VECTORS = json.loads((FIXTURES.parent / "webhook_vectors.json").read_text(encoding="utf-8"))
SECRET = "whsec_test_secret"
BODY = b'{"event":"order.completed","data":{"id":"ord_1","status":"completed"}}'
AT_MS = 1_768_478_745_000
NOW = AT_MS / 1000
GOOD = sign(SECRET, AT_MS, BODY)

secrets = st.text(min_size=1, max_size=80)
times = st.integers(min_value=0, max_value=10**16 - 1)


def reason(*arguments: Any, **options: Any) -> SignatureReason:
    with pytest.raises(SignatureError) as refused:
        verify(*arguments, **{"now": NOW, **options})
    return refused.value.reason


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_published_vector_signs_and_verifies(vector: dict[str, str]) -> None:
    body, at = vector["body"].encode(), int(vector["timestamp"])
    assert sign(vector["secret"], at, body) == vector["signature"]
    verify(body, vector["signature"], vector["timestamp"], [vector["secret"]], now=at / 1000)


@given(secrets, times, st.binary(max_size=300), st.booleans())
@settings(deadline=None)
def test_a_signature_verifies_in_upper_and_lower_case(secret: str, at: int, body: bytes, upper: bool) -> None:
    signature = sign(secret, at, body)
    assert signature == signature.lower()
    verify(body, signature.upper() if upper else signature, str(at), [secret], now=at / 1000)


@given(times, st.binary(min_size=1, max_size=100), st.data())
@settings(deadline=None)
def test_a_changed_bit_in_the_body_is_a_mismatch(at: int, body: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(min_value=0, max_value=len(body) * 8 - 1))
    changed = bytearray(body)
    changed[place // 8] ^= 1 << place % 8
    signature = sign(SECRET, at, body)
    assert reason(bytes(changed), signature, str(at), [SECRET], now=at / 1000) == "mismatch"


@given(st.text() | st.none(), st.text() | st.none(), st.lists(st.text(), max_size=3), st.floats(), st.floats())
@settings(deadline=None)
def test_any_odd_headers_are_refused_without_another_error(
    signature: str | None, timestamp: str | None, some: list[str], tolerance: float, now: float
) -> None:
    with pytest.raises(SignatureError):
        verify(BODY, signature, timestamp, some, tolerance=tolerance, now=now)


@pytest.mark.parametrize("absent", [None, ""])
def test_a_missing_header_is_named(absent: str | None) -> None:
    assert reason(BODY, absent, str(AT_MS), [SECRET]) == "missing_header"
    assert reason(BODY, GOOD, absent, [SECRET]) == "missing_header"
    with pytest.raises(SignatureError, match=TIMESTAMP_HEADER):
        verify(BODY, GOOD, absent, [SECRET], now=NOW)
    with pytest.raises(SignatureError, match=SIGNATURE_HEADER):
        verify(BODY, absent, str(AT_MS), [SECRET], now=NOW)


@pytest.mark.parametrize(
    "timestamp", ["soon", "-1", "1e12", "1.5", " 1", "1_000", "१२३", "9" * 17, "9" * 9999, "\ud800"]
)
def test_a_timestamp_that_is_not_in_milliseconds_is_bad(timestamp: str) -> None:
    assert reason(BODY, GOOD, timestamp, [SECRET]) == "bad_timestamp"


@pytest.mark.parametrize(
    "signature",
    [
        "0" * 64,
        GOOD[:-1],
        GOOD + "0",
        " " + GOOD,
        GOOD + "\n",
        "sha256=" + GOOD,
        "x" * 64,
        "é" * 64,
        "٣" * 64,
        "\ud800",
    ],
    ids=ascii,
)
def test_a_signature_that_is_not_ours_is_a_mismatch(signature: str) -> None:
    assert reason(BODY, signature, str(AT_MS), [SECRET]) == "mismatch"


def test_a_changed_timestamp_is_a_mismatch() -> None:
    assert reason(BODY, GOOD, str(AT_MS + 1), [SECRET]) == "mismatch"
    assert reason(BODY, GOOD, f"0{AT_MS}", [SECRET]) == "mismatch"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_any_of_several_secrets_verifies_during_a_rotation(place: int) -> None:
    valid = ["whsec_a", "whsec_b"]
    valid.insert(place, SECRET)
    verify(BODY, GOOD, str(AT_MS), valid, now=NOW)
    assert reason(BODY, GOOD, str(AT_MS), ["whsec_a", "whsec_b"]) == "mismatch"


@pytest.mark.parametrize("none", [[], [""], ["", ""]])
def test_without_a_secret_every_delivery_is_refused(none: list[str]) -> None:
    assert reason(BODY, sign("", AT_MS, BODY), str(AT_MS), none) == "no_secret"
    assert reason(BODY, sign("", AT_MS, BODY), str(AT_MS), ["", SECRET]) == "mismatch"


def test_a_secret_with_undecodable_bytes_is_a_mismatch() -> None:
    assert reason(BODY, GOOD, str(AT_MS), ["\ud800"]) == "mismatch"


@pytest.mark.parametrize("tolerance", [DEFAULT_TOLERANCE, 1.0, 3600.0])
def test_the_tolerance_is_exact_in_both_directions(tolerance: float) -> None:
    for inside in (0.0, tolerance, -tolerance):
        verify(BODY, GOOD, str(AT_MS), [SECRET], tolerance=tolerance, now=NOW + inside)
    assert reason(BODY, GOOD, str(AT_MS), [SECRET], tolerance=tolerance, now=NOW + tolerance + 0.01) == "stale"
    late = reason(BODY, GOOD, str(AT_MS), [SECRET], tolerance=tolerance, now=NOW - tolerance - 0.01)
    assert late == "from_the_future"


def test_the_default_tolerance_is_five_minutes_by_our_clock() -> None:
    assert DEFAULT_TOLERANCE == 300
    with pytest.raises(SignatureError) as old:
        verify(BODY, GOOD, str(AT_MS), [SECRET])
    assert old.value.reason in (SignatureReason.STALE, SignatureReason.FROM_THE_FUTURE)


@pytest.mark.parametrize("broken", [float("nan"), -1.0])
def test_a_tolerance_that_is_not_a_number_refuses_every_delivery(broken: float) -> None:
    assert reason(BODY, GOOD, str(AT_MS), [SECRET], tolerance=broken) in ("stale", "from_the_future")


def test_a_forged_old_delivery_is_a_mismatch_and_not_stale() -> None:
    assert reason(BODY, "0" * 64, str(AT_MS), [SECRET], now=NOW + 9999) == "mismatch"


def test_no_refusal_repeats_a_secret_or_a_signature() -> None:
    for signature, timestamp in [(GOOD, "soon"), ("0" * 64, str(AT_MS)), (GOOD, None), (GOOD, str(AT_MS + 1))]:
        with pytest.raises(SignatureError) as refused:
            verify(BODY, signature, timestamp, [SECRET], now=NOW)
        assert SECRET not in str(refused.value)
        assert signature not in str(refused.value)


def test_the_headers_of_a_delivery_verify() -> None:
    headers = signed_headers(SECRET, AT_MS, BODY)
    assert headers.keys() == {SIGNATURE_HEADER, TIMESTAMP_HEADER}
    verify(BODY, headers[SIGNATURE_HEADER], headers[TIMESTAMP_HEADER], [SECRET], now=NOW)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*_webhook_order_*.json")), ids=lambda p: p.name)
def test_a_documented_webhook_is_an_event(path: Path) -> None:
    event = read_event(path.read_bytes())
    assert event.event == f"order.{event.data.status}"


def test_an_unknown_event_with_an_unknown_status_is_still_an_event() -> None:
    event = read_event(b'{"event":"order.teleported","data":{"id":"ord_1","status":"teleported"},"more":1}')
    assert (event.event, event.data.status, event.timestamp) == ("order.teleported", "teleported", None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[]", "the body must be an object"),
        (b"null", "the body must be an object"),
        (b'"order.completed"', "the body must be an object"),
        (b"{}", "event is missing"),
        (b'{"event":7,"data":{}}', "event must be a string"),
        (b'{"event":"","data":{}}', "event must not be empty"),
        (b'{"event":"order.x"}', "data is missing"),
        (b'{"event":"order.x","data":[]}', "data must be an object"),
        (b'{"event":"order.x","data":null}', "data must be an object"),
        (b'{"event":"order.x","data":{"status":"x"}}', "data.id is missing"),
        (b'{"event":"order.x","data":{"id":5,"status":"x"}}', "data.id must be a string"),
        (b'{"event":"order.x","data":{"id":"ord_1"}}', "data.status is missing"),
        (b'{"event":"order.x","data":{"id":"ord_1","status":""}}', "data.status must not be empty"),
    ],
)
def test_json_that_is_not_an_event_is_refused_naming_the_field(body: bytes, words: str) -> None:
    with pytest.raises(NotAnEvent) as refused:
        read_event(body)
    assert str(refused.value) == f"not a webhook event: {words}"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"NaN", b'{"event":NaN}', b"[" * 100_000, b'{"a":' * 100_000],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_not_json_is_refused_in_one_short_sentence(body: bytes) -> None:
    with pytest.raises(NotAnEvent, match=r"^the body is not JSON: ") as refused:
        read_event(body)
    assert len(str(refused.value)) < 150


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_random_bytes_are_refused_as_not_an_event(body: bytes) -> None:
    with pytest.raises(NotAnEvent):
        read_event(body)


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(NotAnEvent) as refused:
        read_event(b'{"event":["private-thing"],"data":{}}')
    assert "private-thing" not in str(refused.value)
