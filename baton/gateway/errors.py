"""The error responses of the gateway: one envelope, `{"error": {"code", "message"}}`."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

RETRY_AFTER = 10
"""Seconds after which a caller should retry; the same as Orchestra's own first backoff."""

_CODES = {404: "not_found", 405: "method_not_allowed"}


class EdgeError(Exception):
    """A request that gets an error response.

    Attributes:
        status: HTTP status of the response.
        code: Stable name of the error.
        message: One sentence for people; never contains a secret or a body.
        headers: Headers of the response beside the usual ones.
    """

    def __init__(self, status: int, code: str, message: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


class TryLater(EdgeError):
    """A service behind the gateway is unavailable: 503 with `Retry-After`."""

    def __init__(self, code: str, message: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(503, code, message, headers={"Retry-After": str(RETRY_AFTER), **(headers or {})})


def _envelope(status: int, code: str, message: str, headers: Any = None) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers=headers)


async def _respond_edge_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, EdgeError)
    return _envelope(error.status, error.code, error.message, error.headers)


async def _respond_http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "http_error")
    return _envelope(error.status_code, code, error.detail, error.headers)


async def _respond_disconnect(_: Request, __: Exception) -> Response:
    return Response(status_code=400)  # nobody reads it, but the server expects a response to every request


async def _respond_failure(_: Request, __: Exception) -> Response:
    return _envelope(500, "internal_error", "the gateway failed on this request; its log says why")


HANDLERS: dict[Any, Any] = {
    EdgeError: _respond_edge_error,
    HTTPException: _respond_http_exception,
    ClientDisconnect: _respond_disconnect,
    Exception: _respond_failure,
}
"""For Starlette's `exception_handlers`."""
