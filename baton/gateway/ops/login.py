"""`/ops/login` and `/ops/logout`: a token of the tokens file opens a session, and a form ends it."""

import secrets
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from baton.accounts.tokens import Caller, Unauthenticated
from baton.gateway.ops.frame import COOKIE, ROOT, OperatorFrame, can_read, is_https
from baton.gateway.ops.login_limit import LoginLimit
from baton.gateway.ops.sessions import LIFETIME
from baton.gateway.ops.visit import Visit, own_path, see_other
from baton.process.log_rates import RateLimitedLog
from baton.process.logs import get_logger

VISITOR = "baton_ops_visitor"
"""The cookie to which a login form belongs, as there is no session yet."""

_log = get_logger(__name__)


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the routes of login and logout."""
    login = _Login(frame)
    return [
        Route(f"{ROOT}/login", login.show, methods=["GET"]),
        Route(f"{ROOT}/login", login.enter, methods=["POST"]),
        frame.form("/logout", login.leave),
    ]


class _Login:
    def __init__(self, frame: OperatorFrame) -> None:
        self._frame = frame
        self._limit = LoginLimit()
        self._rare_log = RateLimitedLog(_log, most=10)

    async def show(self, request: Request) -> Response:
        """Return the form."""
        return self._form(request)

    async def enter(self, request: Request) -> Response:
        """Open a session with a token."""
        form, refusal = await self._frame.checked_form(request, request.cookies.get(VISITOR, ""))
        if refusal:
            return self._form(request, 403, problem="foreign_form")
        address = request.client.host if request.client else ""
        if wait := self._limit.wait(address):
            response = self._form(request, 429, problem="too_many")
            response.headers["Retry-After"] = str(int(wait) + 1)
            return response
        caller = self._caller(next(iter(form.get("token", [])), ""))
        if caller is None or not can_read(caller):
            self._limit.failed(address)
            self._rare_log.warning(
                "a login to the operator page failed", address=address, token=caller.name if caller else None
            )
            return self._form(request, 403, problem="cannot_read" if caller else "unknown_token")
        return self._opened(request, caller, own_path(next(iter(form.get("next", [])), ""), ROOT))

    async def leave(self, visit: Visit) -> Response:
        """End the session in this browser."""
        response = see_other(f"{ROOT}/login")
        response.delete_cookie(COOKIE, path=ROOT)
        return response

    def _caller(self, token: str) -> Caller | None:
        try:
            return self._frame.parts.tokens.authenticate(f"Bearer {token}")
        except Unauthenticated:
            return None

    def _opened(self, request: Request, caller: Caller, path: str) -> Response:
        cookie = self._frame.sessions.open(caller.name, datetime.now(UTC))
        if cookie is None:
            return self._form(request, 403, problem="unknown_token")
        _log.info("somebody logged in to the operator page", token=caller.name)
        response = see_other(path)
        _set(response, request, COOKIE, cookie, int(LIFETIME.total_seconds()))
        response.delete_cookie(VISITOR, path=ROOT)
        return response

    def _form(self, request: Request, status: int = 200, *, problem: str | None = None) -> Response:
        visitor = request.cookies.get(VISITOR) or secrets.token_urlsafe(24)
        values = {
            "form_token": self._frame.sessions.form_token(visitor),
            "next": own_path(request.query_params.get("next", ""), ROOT),
            "problem": problem,
            "has_tokens": bool(self._frame.parts.tokens.names()),
        }
        response = self._frame.renderer.response("login.html.jinja", status, values)
        _set(response, request, VISITOR, visitor, 3600)
        return response


def _set(response: Response, request: Request, name: str, value: str, seconds: int) -> None:
    secure = is_https(request.headers, request.url.scheme)
    response.set_cookie(name, value, max_age=seconds, path=ROOT, secure=secure, httponly=True, samesite="strict")
