"""What the gateway answers when it does not do what was asked: one envelope, `{"error": {"code", "message"}}`."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

RETRY_AFTER = 10
"""Seconds after which a caller should try again what could not be done now; Orchestra's own first pause."""

_CODES = {404: "not_found", 405: "method_not_allowed"}


class EdgeError(Exception):
    """A request that is answered with an error.

    Attributes:
        status: HTTP status of the answer.
        code: Stable name of the case.
        message: One sentence for people; never holds a secret or a body.
        headers: Headers of the answer beside the usual ones.
    """

    def __init__(self, status: int, code: str, message: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


class TryLater(EdgeError):
    """Something behind the gateway does not answer: 503 with `Retry-After`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(503, code, message, headers={"Retry-After": str(RETRY_AFTER)})


def _envelope(status: int, code: str, message: str, headers: Any = None) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers=headers)


async def _answer_edge_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, EdgeError)
    return _envelope(error.status, error.code, error.message, error.headers)


async def _answer_http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "http_error")
    return _envelope(error.status_code, code, error.detail, error.headers)


async def _answer_disconnect(_: Request, __: Exception) -> Response:
    return Response(status_code=400)  # nobody reads it, but the server wants every request answered


async def _answer_failure(_: Request, __: Exception) -> Response:
    return _envelope(500, "internal_error", "the gateway failed on this request; its log says why")


HANDLERS: dict[Any, Any] = {
    EdgeError: _answer_edge_error,
    HTTPException: _answer_http_exception,
    ClientDisconnect: _answer_disconnect,
    Exception: _answer_failure,
}
"""For Starlette's `exception_handlers`."""
