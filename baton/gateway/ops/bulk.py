"""`/ops/bulk`: one act on the orders that were chosen in the inbox, asked first, and its progress and results."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from starlette.responses import Response
from starlette.routing import Route

from baton.bulk.bulks import ChosenOrders
from baton.bulk.choice import MOST_REFERENCES, OrderChoice
from baton.bulk.request import BulkAct, BulkRequest
from baton.errors import InvalidArgument
from baton.gateway.api import bulk as api
from baton.gateway.ops.attention_list import InboxFilter, amount_asked, chosen_orders
from baton.gateway.ops.forms import checked_body
from baton.gateway.ops.frame import ROOT, OperatorFrame
from baton.gateway.ops.inbox import attended
from baton.gateway.ops.visit import Visit, see_other
from baton.ledger.bulk_rows import BulkState
from baton.ledger.rows import OrderRow

ACTS = (BulkAct.RESOLVE, BulkAct.REFRESH, BulkAct.CANCEL)
"""What can be done to chosen orders here; the order API and `baton bulk` have the others."""

_PATH = "/bulk"
_ONE = "/bulk/{bulk_id}"
_SHOWN = 200
"""Results on a page."""


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the routes of bulks."""
    return [
        frame.page(_PATH, show_bulks),
        frame.form(f"{_PATH}/ask", ask),
        frame.form(_PATH, start),
        frame.page(_ONE, show_bulk),
        frame.form(f"{_ONE}/{{step}}", change),
    ]


async def show_bulks(visit: Visit) -> Response:
    """Return the newest bulks."""
    return visit.page("bulks.html.jinja", bulks=await visit.parts.bulks.newest(20, visit.caller.own_accounts))


async def ask(visit: Visit) -> Response:
    """Return the page that says to how many orders, and about how much money, an act would be done."""
    names = await _names(visit)
    request = _request(visit, names, "-")
    chosen = await _choose(visit, request, names)
    return visit.page(
        "bulk_ask.html.jinja",
        request=request,
        chosen=chosen.rows,
        sums=sums_of(chosen.rows),
        names=names,
        most=MOST_REFERENCES,
        back=visit.own_path("back", ROOT),
    )


async def start(visit: Visit) -> Response:
    """Begin a bulk."""
    names = visit.fields("order")
    chosen = await _choose(visit, _request(visit, names, visit.field("note")), names)
    if not chosen.rows:
        raise InvalidArgument("order", "no order is chosen", "tick the orders in the inbox")
    bulk = await visit.parts.bulks.start(chosen, visit.caller.name)
    return see_other(f"{ROOT}{_PATH}/{bulk.id}")


async def show_bulk(visit: Visit) -> Response:
    """Return a bulk with its progress and its results."""
    bulk = await api.visible(visit.request.path_params["bulk_id"], visit.request, visit.parts)
    state = next((state for state in BulkState if state == visit.query("state")), None)
    after = visit.number("after") if visit.query("after") else -1
    states = [state] if state else ()
    rows = await visit.parts.ledger.bulks.results(bulk.id, states=states, after=after, limit=_SHOWN)
    older = visit.address(after=str(rows[-1].position)) if len(rows) == _SHOWN else None
    return visit.page("bulk.html.jinja", bulk=bulk, rows=rows, state=state, states=list(BulkState), older=older)


async def change(visit: Visit) -> Response:
    """Stop a bulk, or go on with it."""
    bulk = await api.visible(visit.request.path_params["bulk_id"], visit.request, visit.parts)
    step = {"stop": api.stop_bulk, "resume": api.resume_bulk}.get(visit.request.path_params["step"])
    if step is None:
        raise InvalidArgument("step", "there is no such step", "stop or resume the bulk")
    await step(bulk, visit.caller, visit.parts)
    return see_other(f"{ROOT}{_PATH}/{bulk.id}")


def sums_of(rows: Sequence[OrderRow]) -> list[tuple[str, int, str]]:
    """Return each asset with its number of orders and the sum of what was asked of their payers, in whole units."""
    sums: dict[str, Decimal] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        amount = amount_asked(row.snapshot)
        units = amount.units if amount else None
        name = amount.asset if amount and units is not None else "?"
        counts[name] += 1
        sums[name] = sums.get(name, Decimal(0)) + (units or Decimal(0))
    return [(name, counts[name], f"{sums[name].normalize():f}") for name in sorted(counts)]


async def _names(visit: Visit) -> list[str]:
    """Return the chosen orders as `account/reference`: those that were ticked, or all of the list."""
    if visit.field("all") is None:
        return visit.fields("order")
    wanted = InboxFilter(visit.field("reason"), visit.field("route"))
    found = chosen_orders(await attended(visit, visit.field("account")), wanted)
    return [f"{order.account}/{order.reference}" for order in found[:MOST_REFERENCES]]


def _request(visit: Visit, names: Sequence[str], note: str | None) -> BulkRequest:
    """Return what a form asks for, in accounts of the token alone."""
    if not names:
        raise InvalidArgument("order", "no order is chosen", "tick the orders in the inbox")
    pairs = [name.partition("/") for name in names]
    choice = checked_body(
        OrderChoice,
        accounts=sorted({account for account, _, _ in pairs}),
        references=list(dict.fromkeys(reference for _, _, reference in pairs)),
    )
    fields = {"act": visit.field("act"), "note": note, "reason": visit.field("reason"), "choice": choice}
    return api.with_accounts(checked_body(BulkRequest, **fields), visit.caller)


async def _choose(visit: Visit, request: BulkRequest, names: Sequence[str]) -> ChosenOrders:
    """Return the chosen orders: two accounts may have the same reference, of which only one was ticked."""
    wanted = set(names)
    chosen = await visit.parts.bulks.choose(request)
    return chosen._replace(rows=[row for row in chosen.rows if f"{row.account}/{row.reference}" in wanted])
