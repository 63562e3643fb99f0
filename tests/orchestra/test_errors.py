"""Each error says how its call may be retried."""

import pytest

from baton.orchestra.errors import (
    PASSING_REFUSALS,
    ErrorAnswer,
    InProgress,
    MalformedAnswer,
    NoAnswer,
    NotFound,
    OrchestraError,
    RateLimited,
    Refused,
    Retry,
    ServerTrouble,
    Unauthorized,
)


@pytest.mark.parametrize("kind", [NoAnswer, MalformedAnswer, RateLimited, InProgress, ServerTrouble, ErrorAnswer])
@pytest.mark.parametrize("code", ["any", "tx_not_found", "conflict"])
def test_an_unknown_outcome_is_retried_with_the_same_key(kind: type[OrchestraError], code: str) -> None:
    assert kind(code, "words").retry is Retry.SAME_KEY


@pytest.mark.parametrize("code", sorted(PASSING_REFUSALS))
def test_a_refusal_for_a_passing_reason_is_retried_with_the_next_key(code: str) -> None:
    assert Refused(code, "words").retry is Retry.NEXT_KEY


@pytest.mark.parametrize("kind", [Refused, Unauthorized, NotFound])
@pytest.mark.parametrize("code", ["invalid_request", "idempotency_conflict", "quote_expired", "http_400", ""])
def test_a_refusal_of_the_request_is_never_retried(kind: type[Refused], code: str) -> None:
    assert kind(code, "words").retry is Retry.NEVER


def test_a_deposit_not_found_and_a_conflict_are_passing_refusals() -> None:
    assert {"tx_not_found", "vout_not_found", "conflict"} <= PASSING_REFUSALS


def test_an_error_shows_code_and_message_and_keeps_the_details() -> None:
    error = RateLimited("rate_limited", "Too many", http_status=429, retry_after=2.5, replayed=True)
    assert str(error) == "rate_limited: Too many"
    assert (error.code, error.message) == ("rate_limited", "Too many")
    assert (error.http_status, error.retry_after, error.replayed) == (429, 2.5, True)
    assert isinstance(error, OrchestraError)


def test_an_error_without_an_answer_has_no_status() -> None:
    error = NoAnswer("no_answer", "words")
    assert (error.http_status, error.retry_after, error.replayed) == (None, None, False)
