"""`/ops/orders/{account}/{reference}/acts/{act}`: what an operator does to an order, over the functions of the API.

An act about money has a page of its own first, which shows the amounts; its form carries it out.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.responses import Response
from starlette.routing import Route

from baton.encoding.units import in_words
from baton.errors import InvalidArgument
from baton.gateway.api import orders as api
from baton.gateway.api.bodies import ClosingBody, DecisionBody, DepositBody, NoteBody, RefundBody, ResolutionBody
from baton.gateway.ops.fitting import ABOUT_MONEY, VERBS, OperatorAct, acts_for, money_ids, record_of
from baton.gateway.ops.forms import checked_body
from baton.gateway.ops.frame import OperatorFrame
from baton.gateway.ops.visit import Visit, see_other
from baton.gateway.ops.words import order_path
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.reprice import RepriceAction, can_be_refunded, read_reprice
from baton.orchestra.rules.zeroconf import read_offer
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome

_PATH = "/orders/{account}/{reference}/acts/{act}"

Act = Callable[[Visit, str, str], Awaitable[object]]
"""Carries an act out on an order of an account, with the fields of the visit's form."""


def routes(frame: OperatorFrame) -> list[Route]:
    """Return the routes of the acts."""
    return [frame.page(_PATH, ask), frame.form(_PATH, carry_out)]


async def ask(visit: Visit) -> Response:
    """Return the page that asks before an act."""
    account, reference, act = _wanted(visit)
    visit.caller.require(VERBS[act])
    order = await api.order_of(visit.parts, visit.client, account, reference)
    record = record_of(order)
    return visit.page(
        "act.html.jinja",
        order=order,
        act=act,
        fits=act in acts_for(order),
        is_about_money=act in ABOUT_MONEY,
        back=visit.own_path("back", order_path(account, reference)),
        outcomes=list(Outcome),
        answers=_answers(record),
        minimum_words=partial(_minimum_words, order),
        question=read_reprice(record),
        offer=read_offer(record),
        under_way=money_ids(order),
    )


async def carry_out(visit: Visit) -> Response:
    """Carry out an act, and return to where it was asked for."""
    account, reference, act = _wanted(visit)
    visit.caller.require(VERBS[act])
    await _ACTS[act](visit, account, reference)
    back = visit.own_path("back", order_path(account, reference))
    return see_other(f"{back}{'&' if '?' in back else '?'}done={act}")


def _wanted(visit: Visit) -> tuple[str, str, OperatorAct]:
    account, reference, name = (visit.request.path_params[part] for part in ("account", "reference", "act"))
    try:
        act = OperatorAct(name)
    except ValueError:
        raise InvalidArgument("act", "there is no such act", "choose one that the order's page offers") from None
    return visit.account(account), reference, act


async def _resolve(visit: Visit, account: str, reference: str) -> object:
    body = checked_body(ResolutionBody, note=visit.field("note"), reason=visit.field("reason"))
    return await api.resolve(reference, account, body, visit.caller, visit.client)


async def _refresh(visit: Visit, account: str, reference: str) -> object:
    note = checked_body(NoteBody, note=visit.field("note"))
    return await api.refresh(reference, account, visit.caller, visit.client, note)


async def _cancel(visit: Visit, account: str, reference: str) -> object:
    note = checked_body(NoteBody, note=visit.field("note"))
    return await api.cancel(reference, account, visit.caller, visit.client, note)


async def _approve(visit: Visit, account: str, reference: str) -> object:
    answer = visit.field("answer")
    body = checked_body(
        DecisionBody, accept={"accept": True, "decline": False}.get(answer or ""), reason=visit.field("note")
    )
    return await api.decide(reference, account, body, visit.caller, visit.client)


async def _reprice(visit: Visit, account: str, reference: str) -> object:
    names = {"action": "answer", "minimum": "minimum", "refund_address": "refund_address", "reason": "note"}
    body = checked_body(DecisionBody, **{name: visit.field(field) for name, field in names.items()})
    return await api.decide(reference, account, body, visit.caller, visit.client)


async def _report(visit: Visit, account: str, reference: str) -> object:
    names = ("tx_hash", "bitcoin_txid", "bitcoin_vout", "spark_tx_hash", "quote_id")
    body = checked_body(DepositBody, **{name: visit.field(name) for name in names})
    return await api.report_deposit(reference, account, body, visit.caller, visit.client)


async def _refund(visit: Visit, account: str, reference: str) -> object:
    body = checked_body(RefundBody, note=visit.field("note"), refund_address=visit.field("refund_address"))
    return await api.refund(reference, account, body, visit.caller, visit.client)


async def _close(visit: Visit, account: str, reference: str) -> object:
    body = checked_body(
        ClosingBody, outcome=visit.field("outcome"), note=visit.field("note"), despite=visit.fields("despite")
    )
    return await api.close(reference, account, body, visit.caller, visit.client)


_ACTS: dict[OperatorAct, Act] = {
    OperatorAct.RESOLVE: _resolve,
    OperatorAct.REFRESH: _refresh,
    OperatorAct.CANCEL: _cancel,
    OperatorAct.APPROVE: _approve,
    OperatorAct.REPRICE: _reprice,
    OperatorAct.REPORT: _report,
    OperatorAct.REFUND: _refund,
    OperatorAct.CLOSE: _close,
}


def _answers(record: OrderRecord) -> list[RepriceAction]:
    """Return the answers to a repricing that the order can get."""
    answers = [RepriceAction.APPROVE, RepriceAction.REJECT]
    return [*answers, RepriceAction.REFUND] if can_be_refunded(record) else answers


def _minimum_words(order: Snapshot, amount: int | None) -> str:
    """Return an amount of what the order delivers, in both units: the form takes smallest ones."""
    return "?" if amount is None else in_words(amount, order.destination_asset, order.destination_decimals)
