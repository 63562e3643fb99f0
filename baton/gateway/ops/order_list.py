"""`/ops/orders`: orders by the filters of the order API, page by page."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from starlette.responses import Response
from starlette.routing import Route

from baton.errors import InvalidArgument
from baton.gateway.api.order_filters import ListQuery
from baton.gateway.api.order_lists import page_of
from baton.gateway.ops.frame import OperatorFrame
from baton.gateway.ops.visit import Visit
from baton.orchestra.lifecycle import Status
from baton.orders.models import Outcome, Phase

PAGE = 50
"""Orders on a page."""

_ATTENTION = {"yes": True, "no": False}
Choice = TypeVar("Choice", bound=StrEnum)


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the route of the list."""
    return [frame.page("/orders", show_orders)]


async def show_orders(visit: Visit) -> Response:
    """Return a page of orders, newest first."""
    wanted = _query(visit)
    attended = await visit.client.attended_orders() if wanted.about_attention else set()
    accounts = visit.accounts(visit.query("account"))
    chosen = wanted.filter(accounts, attended)
    page = await page_of(visit.client, visit.parts.ledger, chosen, PAGE, visit.query("cursor"))
    return visit.page(
        "orders.html.jinja",
        orders=page.orders,
        next_page=visit.address(cursor=page.next_cursor) if page.next_cursor else None,
        query=visit.query,
        phases=list(Phase),
        outcomes=list(Outcome),
        statuses=list(Status),
    )


def _query(visit: Visit) -> ListQuery:
    attention = visit.query("attention")
    return ListQuery(
        visit.request,
        phase=_member("phase", visit.query("phase"), Phase),
        status=visit.query("status"),
        outcome=_member("outcome", visit.query("outcome"), Outcome),
        attention=_ATTENTION.get(attention) if attention else None,
        reason=visit.query("reason"),
        route=visit.query("route"),
        payer=visit.query("payer"),
        source=visit.query("source"),
        created_from=_day("created_from", visit.query("created_from")),
        created_before=_day("created_before", visit.query("created_before")),
    )


def _member(name: str, text: str | None, kind: type[Choice]) -> Choice | None:
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError:
        raise InvalidArgument(name, f"there is no {text[:60]!a}", f"choose one of {', '.join(kind)}") from None


def _day(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidArgument(name, f"is {text[:60]!a}", "write it as 2026-11-29 or 2026-11-29T12:00") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
