"""`/codec/decode` and `/codec/encode`: Temporal's UI and command line show encrypted payloads in clear through them.

The protocol is Temporal's for remote codecs: payloads in JSON in, payloads in JSON out. A caller needs a token that
covers every account, because a payload does not say whose it is: `read` to decode, `operate` to encode. A browser calls
it from the UI's own page, so only the origins in `BATON_UI_ORIGINS` may.
"""

from collections.abc import Awaitable, Callable, Sequence

from google.protobuf import json_format
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payload, Payloads

from baton.accounts.tokens import Caller, Forbidden, Verb
from baton.errors import BatonError
from baton.gateway.api.errors import response_of
from baton.gateway.body import BodyReader
from baton.gateway.errors import EdgeError
from baton.gateway.parts import GatewayParts
from baton.process.logs import get_logger

MAX_BODY = 8 * 1024 * 1024
"""Bytes of one request: the UI sends all payloads of a page of events at once."""

MOST_PAYLOADS = 20_000
"""Payloads of one request: of millions of tiny ones, the gateway would be busy for many seconds."""
_SEND = "send what Temporal's UI and command line send"

Work = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]
CallerOf = Callable[[Request], Caller]
"""Returns who sends a request, or raises `Unauthenticated`."""
_HEADERS = ("authorization", "content-type", "x-namespace")
_log = get_logger(__name__)


def codec_routes(parts: GatewayParts) -> list[Route]:
    """Return the routes for callers with a token in their header."""
    return CodecEndpoint(parts, lambda request: parts.tokens.authenticate(request.headers.get("authorization"))).routes(
        "/codec"
    )


class CodecEndpoint:
    """Decrypts and encrypts for callers that may; without keys in the settings it returns payloads as they are.

    Args:
        parts: What the gateway works with.
        caller_of: Knows who sends a request.
    """

    def __init__(self, parts: GatewayParts, caller_of: CallerOf) -> None:
        self._parts = parts
        self._origins = parts.settings.ui_origins
        self._caller_of = caller_of
        self._bodies = BodyReader(limit=MAX_BODY)

    def routes(self, root: str) -> list[Route]:
        """Return the routes below a path, which pages of the UI may call."""
        across = Middleware(
            CORSMiddleware,
            allow_origins=self._origins,
            allow_methods=["POST"],
            allow_headers=_HEADERS,
            allow_credentials=True,
        )
        methods = ["POST", "OPTIONS"]
        return [
            Route(f"{root}/decode", self._decode, methods=methods, middleware=[across]),
            Route(f"{root}/encode", self._encode, methods=methods, middleware=[across]),
        ]

    async def _decode(self, request: Request) -> Response:
        codec = self._parts.client.data_converter.payload_codec
        return await self._respond(request, Verb.READ, codec.decode if codec else _unchanged)

    async def _encode(self, request: Request) -> Response:
        codec = self._parts.client.data_converter.payload_codec
        return await self._respond(request, Verb.OPERATE, codec.encode if codec else _unchanged)

    async def _respond(self, request: Request, verb: Verb, work: Work) -> Response:
        try:
            caller = _admitted(self._caller_of(request), verb)
            found = _payloads_in(await self._bodies.read(request))
            done = await work(found.payloads)
        except (BatonError, EdgeError) as error:
            return response_of(request, error)
        _log.info("payloads shown", token=caller.name, count=len(done), act=request.url.path.rpartition("/")[2])
        return JSONResponse(json_format.MessageToDict(Payloads(payloads=done)), headers={"Cache-Control": "no-store"})


async def _unchanged(payloads: Sequence[Payload]) -> list[Payload]:
    return list(payloads)


def _admitted(caller: Caller, verb: Verb) -> Caller:
    caller.require(verb)
    if caller.own_accounts is not None:
        raise Forbidden(
            "account_not_allowed",
            f"the token {caller.name} covers only some accounts, and a payload may be of any",
            "use a token that covers all accounts",
        )
    return caller


def _payloads_in(body: bytes) -> Payloads:
    # A payload and its metadata are an object each; they are counted before anything is made of them.
    if body.count(b"{") > 2 * MOST_PAYLOADS + 1:
        raise EdgeError(413, "too_large", f"there are more than {MOST_PAYLOADS} payloads", remedy="send fewer")
    try:
        return json_format.Parse(body, Payloads())
    except (json_format.ParseError, UnicodeDecodeError, RecursionError):
        message = "the body is not a Payloads message in JSON"
        raise EdgeError(400, "invalid_payloads", message, remedy=_SEND) from None
