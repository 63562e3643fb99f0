"""Reading what the partner API answered: a model for success, one error of the tree for everything else.

Pure: takes status, headers and body as they came, and decides. Source: the partner API reference, HTTP conventions,
idempotency, rate limits and error codes.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from baton.orchestra.errors import (
    ErrorAnswer,
    InProgress,
    MalformedAnswer,
    NotFound,
    RateLimited,
    Refused,
    ServerTrouble,
    Unauthorized,
)
from baton.orchestra.json_body import complaint, parse_json
from baton.orchestra.models import KeyedAnswer, Wire

REPLAYED_HEADER = "X-Idempotency-Replayed"
MAX_RETRY_AFTER = 3600.0
"""Seconds. A longer wait asked for is cut to this: no order stands still for a typo in a header."""

_MAX_CODE = 100
_MAX_MESSAGE = 500
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_EPOCH_MS = re.compile(r"[0-9]{1,16}")
_EVIDENCE_CODES = frozenset({"tx_not_found", "vout_not_found"})
"""A decision about the deposit, whichever 4xx carries it: the API's pages do not fix the status."""

_BY_STATUS: dict[int, type[ErrorAnswer]] = {
    401: Unauthorized,
    403: Unauthorized,
    408: ServerTrouble,
    425: ServerTrouble,
    429: RateLimited,
}
_BY_STATUS_AND_CODE: dict[tuple[int, str], type[ErrorAnswer]] = {
    (404, "not_found"): NotFound,
    (409, "idempotency_in_progress"): InProgress,
}

ModelT = TypeVar("ModelT", bound=Wire)


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer as it came over the wire.

    Attributes:
        call: Method and path, for messages; never a query.
        status: HTTP status.
        headers: Header fields, looked up without regard to case.
        body: The body, or None when it was larger than we accept.
    """

    call: str
    status: int
    headers: Mapping[str, str]
    body: bytes | None

    @property
    def succeeded(self) -> bool:
        """Tell whether the status is a 2xx."""
        return 200 <= self.status < 300

    @property
    def replayed(self) -> bool:
        """Tell whether the API repeated a stored answer."""
        return self.headers.get(REPLAYED_HEADER, "").strip().lower() == "true"


class Envelope(NamedTuple):
    """What an error answer says."""

    code: str
    message: str


def _text(value: Any, limit: int) -> str | None:
    return value.strip()[:limit] or None if isinstance(value, str) else None


def _document(body: bytes | None) -> dict[str, Any]:
    try:
        document = parse_json(body or b"")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def read_envelope(answer: RawAnswer) -> Envelope:
    """Return the code and message of an error answer; `http_<status>` where the body tells no code.

    Read are `{"error": {"code", "message"}}`, `{"code", "message"}` and `{"error": "code"}`.
    """
    document = _document(answer.body)
    inner = document.get("error")
    fields = inner if isinstance(inner, dict) else document
    code = _text(fields.get("code"), _MAX_CODE) or _text(inner, _MAX_CODE)
    message = _text(fields.get("message"), _MAX_MESSAGE) or f"{answer.call} was answered with HTTP {answer.status}"
    return Envelope(code or f"http_{answer.status}", message)


def _http_date(value: str | None) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp() if value else None
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None


def _now(headers: Mapping[str, str]) -> float:
    """Return the API's own idea of now where it tells, so that a wrong clock here does not stretch or void a wait."""
    told = _http_date(headers.get("Date"))
    return time.time() if told is None else told


def _bounded(seconds: float) -> float | None:
    return min(seconds, MAX_RETRY_AFTER) if seconds >= 0 else None


def read_retry_after(answer: RawAnswer) -> float | None:
    """Return the seconds that the API asked to wait, at most `MAX_RETRY_AFTER`; None when it did not ask.

    `Retry-After` comes first, as seconds or as a date. A 429 of the limits per address has only `X-RateLimit-Reset`,
    milliseconds since the epoch.
    """
    headers = answer.headers
    asked = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(asked):
        return _bounded(float(asked))
    date = _http_date(asked)
    if date is not None:
        return _bounded(max(0.0, date - _now(headers)))
    reset = headers.get("X-RateLimit-Reset", "").strip()
    if answer.status == 429 and _EPOCH_MS.fullmatch(reset):
        return _bounded(int(reset) / 1000 - _now(headers))
    return None


def _error_type(status: int, code: str) -> type[ErrorAnswer]:
    if status >= 500:
        return ServerTrouble
    if status < 400:
        return ErrorAnswer
    if code in _EVIDENCE_CODES:
        return Refused
    return _BY_STATUS_AND_CODE.get((status, code)) or _BY_STATUS.get(status, Refused)


def error_of(answer: RawAnswer) -> ErrorAnswer:
    """Return the error that a non-2xx answer stands for."""
    code, message = read_envelope(answer)
    if 300 <= answer.status < 400:
        message = f"{answer.call} was answered with a redirect, which is not followed; check the base URL"
    return _error_type(answer.status, code)(
        code,
        message,
        http_status=answer.status,
        retry_after=read_retry_after(answer),
        replayed=answer.replayed,
    )


def _malformed(answer: RawAnswer, what: str) -> MalformedAnswer:
    return MalformedAnswer(
        "malformed_answer",
        f"the answer to {answer.call} cannot be read: {what}",
        http_status=answer.status,
        replayed=answer.replayed,
    )


def check(answer: RawAnswer) -> None:
    """Make sure that the call succeeded, whatever the body says.

    Raises:
        ErrorAnswer: The status is not a 2xx.
    """
    if not answer.succeeded:
        raise error_of(answer)


def read(answer: RawAnswer, model: type[ModelT]) -> ModelT:
    """Return the body of a successful answer as `model`, with its replayed flag where the model has one.

    Raises:
        ErrorAnswer: The status is not a 2xx.
        MalformedAnswer: It is, but the body is too large, no JSON, or not what the call answers with.
    """
    check(answer)
    if answer.body is None:
        raise _malformed(answer, "it is too large")
    try:
        result = model.model_validate(parse_json(answer.body))
    except ValidationError as error:
        raise _malformed(answer, complaint(error)) from None
    except ValueError as error:
        raise _malformed(answer, f"it is not JSON ({error})") from None
    if isinstance(result, KeyedAnswer):
        result.mark_replayed(answer.replayed)
    return result
