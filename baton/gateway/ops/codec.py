"""`/ops/codec`: the codec for people who are logged in, so that Temporal's UI shows them payloads in clear."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.routing import Route

from baton.accounts.tokens import Caller, Unauthenticated
from baton.gateway.codec import CodecEndpoint
from baton.gateway.ops.frame import COOKIE, ROOT, OperatorFrame


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the routes of the codec, which know a caller by the session's cookie."""

    def caller_of(request: Request) -> Caller:
        caller = frame.sessions.read(request.cookies.get(COOKIE, ""), datetime.now(UTC))
        if caller is None:
            raise Unauthenticated("token_missing", "nobody is logged in", f"log in at {ROOT} in the same browser")
        return caller

    return CodecEndpoint(frame.parts, caller_of).routes(f"{ROOT}/codec")
