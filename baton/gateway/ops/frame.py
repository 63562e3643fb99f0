"""What every page of `/ops` shares: who may see it, how forms are guarded, and how errors are shown.

A page is a module with `routes(frame)`, which returns routes made by `frame.page` and `frame.form`, a template that
extends `layout`, and, if it has a place in the navigation, an entry in `pages.py` with its label in `texts.toml`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from baton.accounts.tokens import Caller, Verb
from baton.chains.catalogue import load_chains
from baton.errors import BatonError
from baton.gateway.api.errors import status_of
from baton.gateway.ops.rendering import OperatorRenderer
from baton.gateway.ops.sessions import OperatorSessions
from baton.gateway.ops.texts import load_operator_texts
from baton.gateway.ops.visit import FORM_TOKEN, Visit, form_of, see_other
from baton.gateway.parts import GatewayParts
from baton.gateway.pay.stream import StreamSlots
from baton.ledger.errors import LedgerError
from baton.orders.saved_queries import workflow_link
from baton.pages.payer_links import refuse_short
from baton.process.logs import get_logger

ROOT = "/ops"
COOKIE = "baton_ops"
"""The cookie of a session."""

_SAME_SITE = frozenset({"same-origin", "none"})
"""What browsers say of a form that the page itself sent; older ones say nothing."""

_log = get_logger(__name__)

Handler = Callable[[Visit], Awaitable[Response]]
"""Answers a request of somebody who is logged in."""


class NavigationEntry(NamedTuple):
    """A page in the navigation: its name in `texts.toml`, and its path below `/ops`."""

    name: str
    path: str

    @property
    def address(self) -> str:
        """The page's path from the root of the gateway."""
        return f"{ROOT}{self.path}"


class OperatorFrame:
    """What all pages share.

    Args:
        parts: What the gateway works with.
        navigation: The entries of the navigation.

    Raises:
        SettingsError: The key of the settings cannot be used.
        ChainConfigError: The chain catalogue cannot be read.
    """

    def __init__(self, parts: GatewayParts, navigation: Sequence[NavigationEntry]) -> None:
        self.parts = parts
        self.texts = load_operator_texts()
        self.sessions = OperatorSessions(parts.settings.secret("page_key", check=refuse_short), parts.tokens)
        self.chains = load_chains(parts.settings.chains_file)
        self.namespace = getattr(parts.client, "namespace", "default")
        self.renderer = OperatorRenderer(self.texts, navigation=navigation, temporal_link=self._temporal_link())
        self.slots = StreamSlots()

    def _temporal_link(self) -> Callable[[str], str] | None:
        """Return what makes a workflow's link in the Temporal UI; None if the settings do not say where that is."""
        url = self.parts.settings.temporal_ui_url
        return partial(workflow_link, url, self.namespace) if url else None

    def page(self, path: str, handler: Handler) -> Route:
        """Return the route of a page that is read.

        Args:
            path: Its path below `/ops`.
            handler: Answers it; called only for tokens with the verb `read`.
        """

        async def serve(request: Request) -> Response:
            caller, cookie = self._session(request)
            if caller is None:
                return self._login_needed(request)
            request.state.caller = caller  # as for the order API, whose functions pages call
            visit = Visit(self, request, caller, self.sessions.form_token(cookie))
            return await self._answered(visit, handler)

        return Route(f"{ROOT}{path}", serve, methods=["GET"])

    def form(self, path: str, handler: Handler) -> Route:
        """Return the route of a form; one that another site sends is refused.

        Args:
            path: Its path below `/ops`.
            handler: Carries it out; called only for tokens with the verb `read`, and must require what it needs.
        """

        async def serve(request: Request) -> Response:
            caller, cookie = self._session(request)
            if caller is None:
                return self._login_needed(request)
            request.state.caller = caller  # the edge logs who changed something
            form, refusal = await self.checked_form(request, cookie)
            visit = Visit(self, request, caller, self.sessions.form_token(cookie), form)
            return (
                visit.page("error.html.jinja", 403, name=refusal) if refusal else await self._answered(visit, handler)
            )

        return Route(f"{ROOT}{path}", serve, methods=["POST"])

    async def checked_form(self, request: Request, cookie: str) -> tuple[dict[str, list[str]], str | None]:
        """Return a form's fields, and the name of the text that refuses it."""
        try:
            form = await form_of(request)
        except BatonError:
            return {}, "foreign_form"
        sent = next(iter(form.get(FORM_TOKEN, [])), "")
        own = request.headers.get("sec-fetch-site", "none") in _SAME_SITE
        return form, None if own and self.sessions.is_form_token(cookie, sent) else "foreign_form"

    def _session(self, request: Request) -> tuple[Caller | None, str]:
        cookie = request.cookies.get(COOKIE, "")
        caller = self.sessions.read(cookie, datetime.now(UTC))
        return (caller, cookie) if caller and can_read(caller) else (None, cookie)

    def _login_needed(self, request: Request) -> Response:
        if request.query_params.get("part") or request.url.path.endswith("/changes"):
            return Response(status_code=401)
        if request.method != "GET":
            return see_other(f"{ROOT}/login")
        if request.headers.get("sec-fetch-site") == "cross-site":
            # Browsers withhold the cookie when a link of another site leads here, such as of the Temporal UI; the page
            # then loads itself again, which sends it.
            return self.renderer.response("hop.html.jinja", 200, {})
        query = f"?{request.url.query}" if request.url.query else ""
        return see_other(f"{ROOT}/login?next={quote(request.url.path + query, safe='')}")

    async def _answered(self, visit: Visit, handler: Handler) -> Response:
        """Return a handler's answer, or the page of the error that it raised."""
        try:
            return await handler(visit)
        except BatonError as error:
            return visit.page("refused.html.jinja", status_of(error), error=error)
        except LedgerError as error:
            _log.warning("the ledger did not answer a page", reason=str(error))
            return visit.page("error.html.jinja", 503, name="ledger")


def can_read(caller: Caller) -> bool:
    """Whether a token may see the page at all."""
    return may(caller, Verb.READ)


def may(caller: Caller, verb: Verb) -> bool:
    """Whether a token has a verb."""
    try:
        caller.require(verb)
    except BatonError:
        return False
    return True


def is_https(headers: Mapping[str, str], scheme: str) -> bool:
    """Whether the browser reached the gateway over TLS, perhaps through a proxy."""
    return scheme == "https" or headers.get("x-forwarded-proto", "").split(",")[0].strip().lower() == "https"
