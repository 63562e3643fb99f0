"""`/pay/{token}`: the payer page, its parts and its stream, for those who have the link."""

from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from baton.chains.catalogue import load_chains
from baton.chains.spec import ChainSpec
from baton.gateway.parts import GatewayParts
from baton.gateway.pay.business import Business
from baton.gateway.pay.orders import NotNow, PageOrders, PageReading
from baton.gateway.pay.render import ASSETS, Renderer, colours_of, etag_of
from baton.gateway.pay.stream import TooManyStreams, changes
from baton.gateway.pay.texts import Texts, load_texts
from baton.gateway.pay.view import PayerPage, page_of
from baton.gateway.static_files import FOR_A_YEAR
from baton.pages.payer_links import page_tokens
from baton.pages.tokens import PageOrder, PageTokens

_RETRY = {"Retry-After": "5"}


def pay_routes(parts: GatewayParts) -> list[Route]:
    """Return the routes of the payer page; without a key in the settings, none of them finds an order.

    Raises:
        SettingsError: A setting of the page is wrong.
        ChainConfigError: The chain catalogue cannot be read.
    """
    settings = parts.settings
    texts = load_texts(settings.page_texts)
    pages = _PayerPages(
        parts,
        page_tokens(settings),
        texts,
        load_chains(settings.chains_file),
        Renderer(texts, settings.page_frame_ancestors),
    )
    return [
        Route("/pay/assets/{name}", pages.asset),
        Route("/pay/{token}", pages.page),
        Route("/pay/{token}/colours.css", pages.colours),
        Route("/pay/{token}/events", pages.events),
    ]


class _PayerPages:
    def __init__(
        self,
        parts: GatewayParts,
        tokens: PageTokens | None,
        texts: Texts,
        chains: Mapping[str, ChainSpec],
        renderer: Renderer,
    ) -> None:
        self._parts = parts
        self._tokens = tokens
        self._texts = texts
        self._chains = chains
        self._renderer = renderer
        self._orders = PageOrders(parts.baton, parts.ledger)

    async def asset(self, request: Request) -> Response:
        """Return a file of the page."""
        found = ASSETS.get(request.path_params["name"])
        if found is None:
            return self._renderer.plain("gone", 404)
        return Response(found.content, media_type=found.kind, headers=FOR_A_YEAR)

    async def page(self, request: Request) -> Response:
        """Return the page, or with `?part=main` what changes in it."""
        order = self._order_of(request)
        try:
            reading = await self._orders.read(order) if order else None
        except NotNow:
            return self._busy()
        if order is None or reading is None:
            return self._renderer.plain("gone", 404)
        shown, business = self._view(reading), self._business(order.account)
        if request.query_params.get("part") == "main":
            return self._renderer.part(shown, business)
        return self._renderer.page(shown, business, request.path_params["token"])

    async def colours(self, request: Request) -> Response:
        """Return the style sheet with the business's colour."""
        order = self._order_of(request)
        if order is None:
            return self._renderer.plain("gone", 404)
        headers = {"Cache-Control": "private, max-age=300", "X-Content-Type-Options": "nosniff"}
        return Response(colours_of(self._business(order.account)), media_type="text/css", headers=headers)

    async def events(self, request: Request) -> Response:
        """Return the stream of changes."""
        order = self._order_of(request)
        try:
            reading = await self._orders.read(order) if order else None
        except NotNow:
            return self._busy()
        if order is None or reading is None:
            return self._renderer.plain("gone", 404)
        with ExitStack() as slots:
            try:
                slots.enter_context(self._parts.stream_slots.slot(request.path_params["token"]))
            except TooManyStreams:
                return Response(status_code=429, headers=_RETRY)
            held = slots.pop_all()
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Referrer-Policy": "no-referrer"}
        stream = self._stream(order, etag_of(self._view(reading)), held)
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def _stream(self, order: PageOrder, shown: str, slots: ExitStack) -> AsyncIterator[str]:
        current = (shown, False)

        async def version() -> tuple[str, bool]:
            nonlocal current
            try:
                reading = await self._orders.read(order)
            except NotNow:
                return current
            if reading is not None:
                page = self._view(reading)
                current = (etag_of(page), page.is_final)
            return current

        with slots:
            async for message in changes(version, shown, self._parts.stopping):
                yield message

    def _order_of(self, request: Request) -> PageOrder | None:
        token = request.path_params["token"]
        return self._tokens.read(token, datetime.now(UTC)) if self._tokens else None

    def _view(self, reading: PageReading) -> PayerPage:
        now = datetime.now(UTC)
        return page_of(reading.order, now, self._texts, self._chains, stale_since=reading.stale_since)

    def _business(self, account: str) -> Business:
        settings, found = self._parts.settings, self._parts.accounts.get(account)
        own = found.page if found else {}
        return Business(
            name=own.get("name", settings.page_name),
            contact=own.get("contact", settings.page_contact),
            colour=own.get("colour", settings.page_colour),
        )

    def _busy(self) -> Response:
        response = self._renderer.plain("busy", 503)
        response.headers.update(_RETRY)
        return response
