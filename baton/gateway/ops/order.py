"""`/ops/orders/{account}/{reference}`: one order, its present, its acts and its timeline, followed live."""

import base64
import hashlib

from starlette.responses import Response
from starlette.routing import Route

from baton.errors import OrderUnknown
from baton.gateway.api.orders import order_of
from baton.gateway.ops.fitting import VERBS, acts_for
from baton.gateway.ops.frame import OperatorFrame, may
from baton.gateway.ops.order_view import QUIET, id_facts, money_facts, origin_facts, timeline_rows
from baton.gateway.ops.streaming import stream_of
from baton.gateway.ops.visit import Visit
from baton.gateway.ops.words import order_path
from baton.gateway.pay.orders import NotNow, PageOrders
from baton.ledger.errors import LedgerError
from baton.orders.names import order_workflow_id
from baton.pages.payer_links import with_page
from baton.pages.tokens import PageOrder
from baton.timeline.gathering import OrderTimelines

_PATH = "/orders/{account}/{reference}"


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the routes of the page and of its stream."""
    page = _OrderPage(frame)
    return [frame.page(_PATH, page.show), frame.page(f"{_PATH}/changes", page.changes)]


class _OrderPage:
    def __init__(self, frame: OperatorFrame) -> None:
        self._parts = frame.parts
        self._orders = PageOrders(frame.parts.baton, frame.parts.ledger)
        self._timelines = OrderTimelines(frame.parts.client, frame.parts.ledger)

    async def show(self, visit: Visit) -> Response:
        """Return the page, or with `?part=live` what changes in it."""
        account, reference = _named(visit)
        try:
            order = with_page(await order_of(self._parts, visit.client, account, reference), self._parts.payer_links)
        except OrderUnknown:
            return visit.page("error.html.jinja", 404, name="no_order")
        # Before the timeline is gathered, so that what happens meanwhile counts as a change.
        version = await self._version(PageOrder(account, reference)) or ""
        story = await self._timelines.of(order)
        is_short = visit.query("show") == "short"
        entries = [entry for entry in story.entries if not (is_short and entry.kind in QUIET)]
        chains = visit.frame.chains
        path = order_path(account, reference)
        return visit.page(
            "order.html.jinja",
            order=order,
            acts=[act for act in acts_for(order) if may(visit.caller, VERBS[act])],
            money=money_facts(order),
            ids=id_facts(order, chains),
            origin=origin_facts(order),
            rows=timeline_rows(entries, chains)[::-1],
            missing=story.missing,
            is_short=is_short,
            done=visit.query("done"),
            order_path=path,
            live=f"{path}/changes?shown={version}",
        )

    async def changes(self, visit: Visit) -> Response:
        """Return the stream that says when the page would show something else."""
        wanted = PageOrder(*_named(visit))
        current = await self._version(wanted)
        if current is None:
            return Response(status_code=404)

        async def version() -> tuple[str, bool]:
            nonlocal current
            current = await self._version(wanted) or current
            return str(current), False

        return await stream_of(visit, version, visit.query("shown") or current)

    async def _version(self, wanted: PageOrder) -> str | None:
        """Return a name for what is known of the order; None if there is no order, or nobody can say."""
        workflow_id = order_workflow_id(wanted.account, wanted.reference)
        ledger = self._parts.ledger
        try:
            reading = await self._orders.read(wanted)
            webhooks = await ledger.deliveries(workflow_id, 1)
            attempts = await ledger.notifications.attempts(workflow_id=workflow_id, limit=1)
        except (NotNow, LedgerError):
            return None
        if reading is None:
            return None
        newest = ([row.id for row in webhooks], [row.id for row in attempts])
        text = f"{reading.order.model_dump_json()} {newest}"
        return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:12]).decode()


def _named(visit: Visit) -> tuple[str, str]:
    return visit.account(visit.request.path_params["account"]), visit.request.path_params["reference"]
