"""The error responses of the order API: one envelope for every refusal, with a stable code and what to do about it."""

from typing import Annotated, Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, BeforeValidator
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from baton.accounts.tokens import Forbidden, Unauthenticated
from baton.encryption.codec import DamagedPayload
from baton.encryption.keys import UnknownKey
from baton.errors import (
    AccountUnknown,
    BatonError,
    DocumentError,
    HoldUnknown,
    InvalidArgument,
    OrderRefused,
    OrderUnknown,
    SourceUnknown,
    Unreachable,
)
from baton.gateway.api.conflicts import CONFLICTS
from baton.gateway.errors import ASK_AGAIN, RETRY_AFTER, EdgeError, failure, refusal
from baton.ledger.errors import LedgerError
from baton.notifications.errors import EndpointUnknown
from baton.orders.answers import Standing
from baton.process.logs import get_logger

_log = get_logger(__name__)

_RETRY = {"Retry-After": str(RETRY_AFTER)}
_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed"}
_HTTP_REMEDIES = {400: "send the body as JSON in UTF-8", 404: "see the paths in /docs", 405: "see the methods in /docs"}


def _readable(text: object) -> object:
    """Return a text with half surrogate pairs, which a refusal may quote and UTF-8 cannot carry, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode() if isinstance(text, str) else text


Readable = Annotated[str, BeforeValidator(_readable)]


class WrongField(BaseModel):
    """A field of a request that cannot be used, and why."""

    field: Readable
    message: Readable


class ErrorBody(BaseModel):
    """Why a request was refused.

    Attributes:
        code: Stable name of the cause.
        message: One sentence for people.
        remedy: What to do about it.
        field: The wrong field, if one is wrong; the first of several.
        fields: All wrong fields.
        order: Where the order stands, if it is the order that refuses.
        request_id: The id of the request, which the log has too.
    """

    code: str
    message: Readable
    remedy: Readable
    field: Readable | None = None
    fields: list[WrongField] = []
    order: Standing | None = None
    request_id: str


class ErrorEnvelope(BaseModel):
    """The body of every response that refuses a request."""

    error: ErrorBody


def status_of(error: BatonError) -> int:
    """Return the HTTP status for an error of the client."""
    for kinds, status in _STATUSES:
        if isinstance(error, kinds):
            return status
    return 409 if error.code in CONFLICTS else 422


_STATUSES: tuple[tuple[type[BatonError] | tuple[type[BatonError], ...], int], ...] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    ((AccountUnknown, OrderUnknown, SourceUnknown, EndpointUnknown, HoldUnknown), 404),
    ((Unreachable, UnknownKey, DamagedPayload), 503),
    ((DocumentError, InvalidArgument), 422),
)
"""All others are refusals: of the state that the order is in, or of the request itself."""


def response_of(request: Request, error: BatonError | EdgeError) -> Response:
    """Return the response to a request that is refused."""
    if isinstance(error, EdgeError):
        return refusal(request, error)
    status = status_of(error)
    headers = {401: _CHALLENGE, 503: _RETRY}.get(status)
    details = {"order": _standing_of(error), **_fields_of(error)}
    return envelope(request, status, error.code, error.message, error.remedy, headers=headers, **details)


def envelope(
    request: Request,
    status: int,
    code: str,
    message: str,
    remedy: str,
    *,
    headers: dict[str, str] | None = None,
    **details: Any,
) -> Response:
    """Return an error response; `details` are further fields of `ErrorBody`."""
    request_id = getattr(request.state, "request_id", "")
    body = ErrorBody(code=code, message=message, remedy=remedy, request_id=request_id, **details)
    return JSONResponse({"error": body.model_dump(mode="json")}, status, headers=headers)


def _standing_of(error: BatonError) -> Standing | None:
    return error.standing if isinstance(error, OrderRefused) else None


def _fields_of(error: BatonError) -> dict[str, Any]:
    wrong = [WrongField(field=fault.field, message=fault.message) for fault in error.fields]
    return {"field": wrong[0].field or None, "fields": wrong} if wrong else {}


async def _respond_known(request: Request, error: Exception) -> Response:
    assert isinstance(error, BatonError | EdgeError)
    return response_of(request, error)


async def _respond_ledger_error(request: Request, error: Exception) -> Response:
    _log.warning("the ledger did not answer a request", reason=str(error), request_id=request.state.request_id)
    return envelope(request, 503, "ledger_unavailable", "the ledger does not answer", ASK_AGAIN, headers=_RETRY)


async def _respond_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [_wrong_field(found) for found in error.errors()]
    message = "; ".join(f"{fault.field}: {fault.message}" for fault in wrong)
    return envelope(
        request, 422, "invalid_argument", message, "correct it and call again", field=wrong[0].field, fields=wrong
    )


def _wrong_field(found: dict[str, Any]) -> WrongField:
    place = ".".join(str(part) for part in found["loc"][1:]) or str(found["loc"][0])
    message = found["msg"].removeprefix("Value error, ")
    field, colon, rest = message.partition(": ")
    if colon and place == "body":  # a rule about a whole body begins with the name of the field
        return WrongField(field=field, message=rest)
    return WrongField(field=place, message=message)


async def _respond_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    code, remedy = _HTTP_CODES.get(status, "http_error"), _HTTP_REMEDIES.get(status, "see /docs")
    headers = dict(error.headers or {})
    return envelope(request, status, code, str(error.detail), remedy, headers=headers)


async def _respond_failure(request: Request, _: Exception) -> Response:
    return failure(request)


API_HANDLERS: dict[Any, Any] = {
    BatonError: _respond_known,
    EdgeError: _respond_known,
    LedgerError: _respond_ledger_error,
    RequestValidationError: _respond_invalid,
    HTTPException: _respond_http_exception,
    Exception: _respond_failure,
}
"""For FastAPI's `exception_handlers`."""
