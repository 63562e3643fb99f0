"""`/ops/deliveries`: the notifications of the business's endpoints, and sending them again."""

from datetime import UTC, datetime
from typing import get_args

from starlette.responses import Response
from starlette.routing import Route

from baton.accounts.tokens import Verb
from baton.errors import InvalidArgument
from baton.gateway.api import deliveries as api
from baton.gateway.api.endpoints import list_endpoints, visible
from baton.gateway.ops.forms import checked_body
from baton.gateway.ops.frame import ROOT, OperatorFrame, may
from baton.gateway.ops.visit import Visit, see_other
from baton.gateway.ops.words import order_path
from baton.ledger.notification_rows import AttemptOutcome, AttemptRow
from baton.orders.names import account_and_reference

PAGE = 50
"""Attempts on a page."""

_PATH = "/deliveries"


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the routes of the list and of sending again."""
    return [
        frame.page(_PATH, show_deliveries),
        frame.form(f"{_PATH}/again", send_again),
        frame.page(f"{_PATH}/since", ask_since),
        frame.form(f"{_PATH}/since", send_since),
    ]


async def show_deliveries(visit: Visit) -> Response:
    """Return the endpoints, and the attempts to notify one of them, the last one first."""
    endpoints = await list_endpoints(visit.caller, visit.parts)
    name = visit.query("endpoint") or (endpoints[0].name if endpoints else None)
    outcome = _outcome(visit.query("outcome"))
    before = visit.number("before") if visit.query("before") else None
    rows: list[AttemptRow] = []
    if name is not None:
        rows = await api.list_deliveries(
            visit.caller, visit.parts, name, visit.query("event"), outcome, before, PAGE + 1
        )
    return visit.page(
        "deliveries.html.jinja",
        endpoints=endpoints,
        name=name,
        outcome=outcome,
        outcomes=get_args(AttemptOutcome),
        event=visit.query("event"),
        attempts=[(row, _order_of(row)) for row in rows[:PAGE]],
        older=visit.address(before=str(rows[PAGE - 1].id)) if len(rows) > PAGE else None,
        can_send=may(visit.caller, Verb.NOTIFY),
        done=visit.query("done"),
    )


async def send_again(visit: Visit) -> Response:
    """Send an endpoint the events again that were chosen."""
    visit.caller.require(Verb.NOTIFY)
    endpoint, chosen = visit.field("endpoint") or "", list(dict.fromkeys(visit.fields("event_id")))
    if not chosen:
        raise InvalidArgument("event_id", "no event is chosen", "tick the deliveries to send again")
    for event_id in chosen:
        again = checked_body(api.Redelivery, endpoint=endpoint, event_id=event_id)
        await api.redeliver(again, visit.caller, visit.parts)
    return _back(visit)


async def ask_since(visit: Visit) -> Response:
    """Return the page that asks before everything since a time is sent again."""
    visit.caller.require(Verb.NOTIFY)
    endpoint, since = visit.query("endpoint") or "", _time(visit.query("since"))
    await visible(visit.parts, visit.caller, endpoint)
    orders = await visit.parts.ledger.notifications.repeatable(endpoint, since)
    return visit.page("deliveries_since.html.jinja", endpoint=endpoint, since=since, orders=orders)


async def send_since(visit: Visit) -> Response:
    """Send an endpoint everything again since a time."""
    visit.caller.require(Verb.NOTIFY)
    again = checked_body(api.Redelivery, endpoint=visit.field("endpoint"), since=_time(visit.field("since")))
    await api.redeliver(again, visit.caller, visit.parts)
    return see_other(f"{ROOT}{_PATH}?endpoint={again.endpoint}&done=redelivered")


def _back(visit: Visit) -> Response:
    back = visit.own_path("back", f"{ROOT}{_PATH}")
    return see_other(f"{back}{'&' if '?' in back else '?'}done=redelivered")


def _order_of(row: AttemptRow) -> tuple[str, str]:
    """Return the reference of an attempt's order, and the path of its page."""
    account, reference = account_and_reference(row.workflow_id)
    return reference, order_path(account, reference)


def _outcome(text: str | None) -> AttemptOutcome | None:
    return next((outcome for outcome in get_args(AttemptOutcome) if outcome == text), None)


def _time(text: str | None) -> datetime:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        raise InvalidArgument("since", f"is {(text or '')[:60]!a}", "write it as 2026-11-29T12:00, in UTC") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
