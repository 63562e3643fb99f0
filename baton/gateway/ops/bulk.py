"""`/ops/bulk`: one act on the orders that were chosen in the inbox, asked first, and its progress and results."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from starlette.responses import Response
from starlette.routing import Route

from baton.accounts.tokens import Verb
from baton.bulk.bulks import ChosenOrders
from baton.bulk.choice import MOST_REFERENCES, OrderChoice
from baton.bulk.request import NEED_NOTE, BulkAct, BulkRequest
from baton.errors import InvalidArgument
from baton.gateway.api import bulk as api
from baton.gateway.api.endpoints import list_endpoints
from baton.gateway.ops.attention_list import InboxFilter, amount_asked, chosen_orders
from baton.gateway.ops.forms import checked_body
from baton.gateway.ops.frame import ROOT, OperatorFrame
from baton.gateway.ops.inbox import attended
from baton.gateway.ops.visit import Visit, see_other
from baton.ledger.bulk_rows import BulkState
from baton.ledger.rows import OrderRow
from baton.orchestra.rules.reprice import RepriceAction
from baton.orders.models import Outcome

ACCEPTS = {"accept": True, "decline": False}
"""The answers to ZeroConf offers; the others are answers to repricings."""

ANSWERS = (*ACCEPTS, *(f"reprice_{action}" for action in RepriceAction if action is not RepriceAction.ASK))
"""Every answer that `decide` can give, as the texts name it."""

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
    act = _act(visit)
    visit.caller.require(api.VERBS.get(act, Verb.OPERATE))
    # Only the choice counts here: what else the act needs is asked for on the page.
    chosen = await _choose(visit, BulkRequest(act=BulkAct.REFRESH, choice=_choice(visit, names)), names)
    return visit.page(
        "bulk_ask.html.jinja",
        act=act,
        reason=visit.field("reason"),
        needs_note=act in NEED_NOTE,
        answers=ANSWERS,
        outcomes=list(Outcome),
        endpoints=await list_endpoints(visit.caller, visit.parts) if act is BulkAct.REDELIVER else [],
        chosen=chosen.rows,
        sums=sums_of(chosen.rows),
        names=names,
        most=MOST_REFERENCES,
        back=visit.own_path("back", ROOT),
    )


async def start(visit: Visit) -> Response:
    """Begin a bulk."""
    names = visit.fields("order")
    chosen = await _choose(visit, await _request(visit, _choice(visit, names)), names)
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
    """Stop a bulk, or continue with it."""
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


def _act(visit: Visit) -> BulkAct:
    """Return the act that a form names.

    Raises:
        InvalidArgument: There is none by this name.
    """
    try:
        return BulkAct(visit.field("act") or "")
    except ValueError:
        raise InvalidArgument("act", "there is no such act", "choose one that the inbox offers") from None


def _choice(visit: Visit, names: Sequence[str]) -> OrderChoice:
    """Return the choice of these orders, in accounts of the token alone."""
    if not names:
        raise InvalidArgument("order", "no order is chosen", "tick the orders in the inbox")
    pairs = [name.partition("/") for name in names]
    for account in {account for account, _, _ in pairs}:
        visit.caller.require_account(account)
    return checked_body(
        OrderChoice,
        accounts=sorted({account for account, _, _ in pairs}),
        references=list(dict.fromkeys(reference for _, _, reference in pairs)),
    )


async def _request(visit: Visit, choice: OrderChoice) -> BulkRequest:
    """Return what a form asks for."""
    answer = visit.field("answer")
    fields = {name: visit.field(name) for name in ("act", "note", "reason", "outcome", "endpoint", "minimum")}
    accept = ACCEPTS.get(answer or "")
    decision = {"accept": accept, "action": answer.removeprefix("reprice_") if answer and accept is None else None}
    return await api.allowed(checked_body(BulkRequest, **fields, **decision, choice=choice), visit.caller, visit.parts)


async def _choose(visit: Visit, request: BulkRequest, names: Sequence[str]) -> ChosenOrders:
    """Return the chosen orders: two accounts may have the same reference, of which only one was ticked."""
    wanted = set(names)
    chosen = await visit.parts.bulks.choose(request)
    return chosen._replace(rows=[row for row in chosen.rows if f"{row.account}/{row.reference}" in wanted])
