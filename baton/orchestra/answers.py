"""Reads an answer of the partner API: a success becomes a model, everything else one error of the tree.

Pure: status, headers and body go in as received. Source: the partner API reference, HTTP conventions, idempotency, rate
limits and error codes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from baton.bounded_http import http_date, retry_after
from baton.orchestra.errors import (
    ErrorAnswer,
    InProgress,
    MalformedAnswer,
    NotFound,
    ProxyAnswer,
    RateLimited,
    Refused,
    ServerTrouble,
    Unauthorized,
)
from baton.orchestra.json_body import complaint, parse_json
from baton.orchestra.models import KeyedAnswer, Wire
from baton.redaction import redacted

REPLAYED_HEADER = "X-Idempotency-Replayed"
MAX_RETRY_AFTER = 3600.0
"""Seconds. A longer wait is cut to this, so that a typo in a header cannot stop an order."""

_MAX_CODE = 100
_MAX_MESSAGE = 500
_EPOCH_MS = re.compile(r"[0-9]{1,16}")
_CODE = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
_RETRIED_ANYWAY = frozenset({408, 425, 429})
"""Statuses that decide nothing, whoever sends them."""
_EVIDENCE_CODES = frozenset({"tx_not_found", "vout_not_found"})
"""Decisions about the deposit under any 4xx: the API's pages do not say which status carries them."""

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
    """An answer as received.

    Attributes:
        call: Method and path, for messages; never a query.
        status: HTTP status.
        headers: Header fields; upper and lower case in their names do not matter.
        body: The body; None when it is larger than the connection reads.
    """

    call: str
    status: int
    headers: Mapping[str, str]
    body: bytes | None

    @property
    def succeeded(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300

    @property
    def replayed(self) -> bool:
        """Whether the API repeated a stored answer."""
        return self.headers.get(REPLAYED_HEADER, "").strip().lower() == "true"


class Envelope(NamedTuple):
    """Code and message of an error answer."""

    code: str
    message: str


def _text(value: Any, limit: int) -> str | None:
    return redacted(value.strip()[: 2 * limit])[:limit] or None if isinstance(value, str) else None


def _document(body: bytes | None) -> dict[str, Any]:
    try:
        document = parse_json(body or b"")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def read_envelope(answer: RawAnswer) -> Envelope:
    """Return the code and message of an error answer; the code is `http_<status>` where the body has none.

    Three shapes are known: `{"error": {"code", "message"}}`, `{"code", "message"}` and `{"error": "code"}`.
    """
    document = _document(answer.body)
    inner = document.get("error")
    fields = inner if isinstance(inner, dict) else document
    code = _text(fields.get("code"), _MAX_CODE) or _text(inner, _MAX_CODE)
    message = _text(fields.get("message"), _MAX_MESSAGE) or f"{answer.call} was answered with HTTP {answer.status}"
    return Envelope(code or f"http_{answer.status}", message)


def _server_time(headers: Mapping[str, str]) -> datetime:
    """Return the API's own time where it gives one, so that a wrong clock here neither stretches nor voids a wait."""
    return http_date(headers.get("Date")) or datetime.now(UTC)


def read_retry_after(answer: RawAnswer) -> float | None:
    """Return the seconds that the API asks to wait, at most `MAX_RETRY_AFTER`; None when it does not ask.

    `Retry-After` comes first, as seconds or as a date. A 429 from a limit per address has only `X-RateLimit-Reset`, in
    milliseconds since the epoch.
    """
    now = _server_time(answer.headers)
    seconds = retry_after(answer.headers.get("Retry-After"), now)
    if seconds is None and answer.status == 429:
        seconds = _until_reset(answer.headers.get("X-RateLimit-Reset", "").strip(), now)
    return None if seconds is None or seconds < 0 else min(seconds, MAX_RETRY_AFTER)


def _until_reset(reset: str, now: datetime) -> float | None:
    return int(reset) / 1000 - now.timestamp() if _EPOCH_MS.fullmatch(reset) else None


def _error_type(status: int, code: str) -> type[ErrorAnswer]:
    if status >= 500:
        return ServerTrouble
    if status < 400:
        return ErrorAnswer
    if code in _EVIDENCE_CODES:
        return Refused
    return _BY_STATUS_AND_CODE.get((status, code)) or _BY_STATUS.get(status, Refused)


def error_of(answer: RawAnswer) -> ErrorAnswer | ProxyAnswer:
    """Return the error for an answer that is not a 2xx.

    Only the API's own envelope decides anything: a 4xx without one comes from something in between.
    """
    code, message = read_envelope(answer)
    if 400 <= answer.status < 500 and answer.status not in _RETRIED_ANYWAY and not _has_envelope(answer):
        return _proxy_answer(answer)
    if 300 <= answer.status < 400:
        message = f"{answer.call} was answered with a redirect, which Baton does not follow; check the base URL"
    return _error_type(answer.status, code)(
        code,
        message,
        http_status=answer.status,
        retry_after=read_retry_after(answer),
        replayed=answer.replayed,
    )


def _has_envelope(answer: RawAnswer) -> bool:
    """Whether the body has an error code as the API spells its codes, and no status text such as `Not Found`."""
    document = _document(answer.body)
    inner = document.get("error")
    fields = inner if isinstance(inner, dict) else document
    return any(isinstance(code, str) and _CODE.fullmatch(code.strip()) for code in (fields.get("code"), inner))


def _proxy_answer(answer: RawAnswer) -> ProxyAnswer:
    return ProxyAnswer(
        "not_from_orchestra",
        f"{answer.call} was answered with HTTP {answer.status}, but not by Orchestra: the answer has no error code. "
        "Check the base URL, and proxies and firewalls on the way",
        http_status=answer.status,
        retry_after=read_retry_after(answer),
    )


def _malformed(answer: RawAnswer, fault: str) -> MalformedAnswer:
    return MalformedAnswer(
        "malformed_answer",
        f"the answer to {answer.call} cannot be read: {fault}",
        http_status=answer.status,
        replayed=answer.replayed,
    )


def check(answer: RawAnswer) -> None:
    """Make sure that the call succeeded; the body is not read.

    Raises:
        ErrorAnswer: The status is not a 2xx.
    """
    if not answer.succeeded:
        raise error_of(answer)


def read(answer: RawAnswer, model: type[ModelT]) -> ModelT:
    """Return the body of a successful answer as `model`; a `KeyedAnswer` is marked as replayed where it is.

    Raises:
        ErrorAnswer: The status is not a 2xx.
        MalformedAnswer: It is a 2xx, but the body is too large, not JSON, or does not fit the model.
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
