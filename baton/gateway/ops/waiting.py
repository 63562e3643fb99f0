"""`/ops/waiting`: the open orders by whom they wait for."""

from starlette.responses import Response
from starlette.routing import Route

from baton.gateway.ops.attention_list import amount_asked
from baton.gateway.ops.frame import OperatorFrame
from baton.gateway.ops.visit import Visit
from baton.gateway.ops.waiting_list import waiting_page
from baton.ledger.order_queues import MOST_LISTED
from baton.orders.rules.wait_plans import OPERATOR


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the route of the lists."""
    return [frame.page("/waiting", show_waiting)]


async def show_waiting(visit: Visit) -> Response:
    """Return a page of the orders that wait for somebody."""
    account, who = visit.query("account"), visit.query("for") or OPERATOR
    orders = await visit.parts.ledger.queues.waiting(visit.accounts(account))
    page = waiting_page(orders, who, visit.number("page"), visit.now)
    rows = await visit.parts.ledger.search.rows([line.order.workflow_id for line in page.lines])
    return visit.page(
        "waiting.html.jinja",
        page=page,
        amounts={name: amount_asked(row.snapshot) for name, row in rows.items()},
        who=who,
        account=account,
        is_cut=len(orders) >= MOST_LISTED,
        most=MOST_LISTED,
    )
