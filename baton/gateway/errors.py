"""The error responses of the gateway: one envelope, `{"error": {"code", "message", "remedy", "request_id"}}`."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

RETRY_AFTER = 10
"""Seconds after which a caller should retry; the same as Orchestra's own first backoff."""

ASK_AGAIN = "ask again, which is safe"

_CODES = {404: "not_found", 405: "method_not_allowed"}
_REMEDIES = {404: "see the paths in /docs", 405: "use a method of the header Allow"}


class EdgeError(Exception):
    """A request that gets an error response.

    Attributes:
        status: HTTP status of the response.
        code: Stable name of the error.
        message: One sentence for people; never contains a secret or a body.
        remedy: What to do about it.
        headers: Headers of the response beside the usual ones.
    """

    def __init__(
        self, status: int, code: str, message: str, *, remedy: str = ASK_AGAIN, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.remedy = remedy
        self.headers = headers or {}


class TryLater(EdgeError):
    """A service behind the gateway is unavailable: 503 with `Retry-After`."""

    def __init__(self, code: str, message: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(503, code, message, headers={"Retry-After": str(RETRY_AFTER), **(headers or {})})


def refusal(request: Request, error: EdgeError) -> Response:
    """Return the response to a request that is refused, with the id that its lines in the log have too."""
    return _envelope(request, error.status, error.code, error.message, error.remedy, error.headers)


def failure(request: Request) -> Response:
    """Return the response to a request on which the gateway failed; only the log says why."""
    message = "the gateway failed on this request; its log says why"
    return _envelope(request, 500, "internal_error", message, "tell the operator the request id")


def _envelope(
    request: Request, status: int, code: str, message: str, remedy: str, headers: Mapping[str, str] | None = None
) -> Response:
    request_id = getattr(request.state, "request_id", "")
    document = {"code": code, "message": message, "remedy": remedy, "request_id": request_id}
    return JSONResponse({"error": document}, status, headers=headers)


async def _respond_edge_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, EdgeError)
    return refusal(request, error)


async def _respond_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    code, remedy = _CODES.get(status, "http_error"), _REMEDIES.get(status, "see /docs")
    return _envelope(request, status, code, error.detail, remedy, error.headers)


async def _respond_disconnect(_: Request, __: Exception) -> Response:
    return Response(status_code=400)  # nobody reads it, but the server expects a response to every request


async def _respond_failure(request: Request, _: Exception) -> Response:
    return failure(request)


HANDLERS: dict[Any, Any] = {
    EdgeError: _respond_edge_error,
    HTTPException: _respond_http_exception,
    ClientDisconnect: _respond_disconnect,
    Exception: _respond_failure,
}
"""For Starlette's `exception_handlers`."""
