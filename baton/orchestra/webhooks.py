"""Webhook deliveries of the partner API: signed, verified, and only then read.

A delivery has two headers. `X-Flashnet-Timestamp` is the time of the attempt in milliseconds since the epoch, and
`X-Flashnet-Signature` the hex HMAC-SHA256 of `<timestamp>.<raw body>` under the endpoint's secret. The signature covers
bytes, so verify the body as received, before any JSON parser changes it. Source: the partner API's webhook delivery and
signature pages.
"""

import hmac
import re
import time
from collections.abc import Sequence
from enum import StrEnum

from pydantic import ValidationError

from baton.orchestra.json_body import complaint, parse_json
from baton.orchestra.models import WebhookEvent

SIGNATURE_HEADER = "X-Flashnet-Signature"
TIMESTAMP_HEADER = "X-Flashnet-Timestamp"
DEFAULT_TOLERANCE = 300.0
"""Seconds that a delivery's timestamp may be in the past or in the future."""

_HEX_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
# Sixteen digits reach the year 318857; the bound keeps int() away from input that only costs time.
_MILLISECONDS = re.compile(r"[0-9]{1,16}")


class SignatureReason(StrEnum):
    """Why a delivery is not accepted."""

    MISSING_HEADER = "missing_header"
    BAD_TIMESTAMP = "bad_timestamp"
    NO_SECRET = "no_secret"  # noqa: S105 - a reason, not a secret
    MISMATCH = "mismatch"
    STALE = "stale"
    FROM_THE_FUTURE = "from_the_future"


class SignatureError(Exception):
    """It is not proven that the delivery comes from Orchestra, or that it is recent.

    Attributes:
        reason: The case, for metrics and tests.
    """

    def __init__(self, reason: SignatureReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class NotAnEvent(ValueError):
    """The body is not a webhook event; the text is one sentence that names the field."""


def _digest(secret: str, timestamp: str, body: bytes) -> bytes:
    # surrogatepass: a secret with undecodable bytes must fail as a mismatch, not as an encoding error.
    key = secret.encode("utf-8", "surrogatepass")
    return hmac.digest(key, timestamp.encode("ascii") + b"." + body, "sha256")


def sign(secret: str, timestamp_ms: int, body: bytes) -> str:
    """Return the signature of a delivery: lowercase hex HMAC-SHA256 of `<timestamp>.<raw body>`.

    Args:
        secret: The webhook endpoint's secret.
        timestamp_ms: Time of the delivery attempt in milliseconds since the epoch.
        body: The raw body as sent.
    """
    return _digest(secret, str(timestamp_ms), body).hex()


def signed_headers(secret: str, timestamp_ms: int, body: bytes) -> dict[str, str]:
    """Return both headers of a delivery."""
    return {TIMESTAMP_HEADER: str(timestamp_ms), SIGNATURE_HEADER: sign(secret, timestamp_ms, body)}


def _matches_any(body: bytes, signature: str, timestamp: str, secrets: Sequence[str]) -> bool:
    """Compare with every secret, so that the time this takes does not reveal which one matched."""
    given = bytes.fromhex(signature)
    matched = False
    for secret in secrets:
        matched |= hmac.compare_digest(_digest(secret, timestamp, body), given)
    return matched


def _check_age(timestamp: str, tolerance: float, now: float) -> None:
    age = now - int(timestamp) / 1000
    # Not "age < -tolerance": NaN must be refused, too.
    if not age >= -tolerance:
        raise SignatureError(
            SignatureReason.FROM_THE_FUTURE,
            f"{TIMESTAMP_HEADER} is more than {tolerance:g} s in the future; check this machine's clock",
        )
    if age > tolerance:
        raise SignatureError(
            SignatureReason.STALE,
            f"{TIMESTAMP_HEADER} is older than {tolerance:g} s: a replay, or this machine's clock is wrong",
        )


def verify(
    body: bytes,
    signature: str | None,
    timestamp: str | None,
    secrets: Sequence[str],
    *,
    tolerance: float = DEFAULT_TOLERANCE,
    now: float | None = None,
) -> None:
    """Make sure that a delivery was signed with one of our secrets, and recently.

    The signature is checked before the age, so `stale` and `from_the_future` are about genuine deliveries.

    Args:
        body: The raw body as received.
        signature: Value of `X-Flashnet-Signature`, hex in either case; None when absent.
        timestamp: Value of `X-Flashnet-Timestamp`, milliseconds since the epoch; None when absent.
        secrets: The secrets that are valid now, several during a rotation. Empty ones never match.
        tolerance: Seconds that the timestamp may be in the past or in the future.
        now: Seconds since the epoch; None reads the clock.

    Raises:
        SignatureError: The delivery is not accepted; `reason` names the case.
    """
    usable = [secret for secret in secrets if secret]
    if not usable:
        raise SignatureError(SignatureReason.NO_SECRET, "no webhook secret is configured for this account")
    if not signature or not timestamp:
        missing = TIMESTAMP_HEADER if signature else SIGNATURE_HEADER
        raise SignatureError(SignatureReason.MISSING_HEADER, f"the {missing} header is missing")
    if not _MILLISECONDS.fullmatch(timestamp):
        raise SignatureError(
            SignatureReason.BAD_TIMESTAMP,
            f"{TIMESTAMP_HEADER} is not a number of milliseconds since the epoch",
        )
    if not _HEX_DIGEST.fullmatch(signature) or not _matches_any(body, signature, timestamp, usable):
        raise SignatureError(SignatureReason.MISMATCH, f"{SIGNATURE_HEADER} does not match this body and our secrets")
    _check_age(timestamp, tolerance, time.time() if now is None else now)


def read_event(body: bytes) -> WebhookEvent:
    """Read a verified delivery.

    Call `verify` first: only a body that Orchestra signed should be parsed.

    Args:
        body: The raw body.

    Raises:
        NotAnEvent: The body is not JSON, or lacks a field of every event: `event`, `data.id` or `data.status`.
    """
    try:
        return WebhookEvent.model_validate(parse_json(body))
    except ValidationError as error:
        raise NotAnEvent(f"not a webhook event: {complaint(error)}") from None
    except ValueError as error:
        raise NotAnEvent(f"the body is not JSON: {error}") from None
