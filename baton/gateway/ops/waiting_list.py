"""The open orders by whom they wait for, the oldest first. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from baton.ledger.order_queues import WaitingOrder
from baton.orders.models import Waiting
from baton.orders.rules.wait_plans import BUSINESS, OPERATOR, ORCHESTRA, PAYER

OWNERS = (OPERATOR, BUSINESS, ORCHESTRA, PAYER)
"""Whom orders wait for, those who can be asked here first."""

PAGE = 50
"""Orders on a page."""


class WaitingLine(NamedTuple):
    """An open order and its wait."""

    order: WaitingOrder
    waiting: Waiting
    is_overdue: bool


class WaitingGroup(NamedTuple):
    """How many orders wait for somebody, and how many of them longer than planned."""

    who: str
    orders: int
    overdue: int


class WaitingPage(NamedTuple):
    """A page of the orders that wait for one of the owners, and the counts of all."""

    groups: list[WaitingGroup]
    lines: list[WaitingLine]
    number: int
    pages: int


def waiting_page(orders: Sequence[WaitingOrder], who: str, number: int, now: datetime) -> WaitingPage:
    """Return a page of the orders that wait for somebody.

    Args:
        orders: The open orders, the oldest first.
        who: Whom they wait for.
        number: The page's number, from 1; one beyond the last page is the last page.
        now: The present, after which a wait is overdue.
    """
    lines = [line for line in (_line(order, now) for order in orders) if line]
    shown = [line for line in lines if line.waiting.who == who]
    pages = max(1, -(-len(shown) // PAGE))
    number = min(max(number, 1), pages)
    others = sorted({line.waiting.who for line in lines} - set(OWNERS))
    groups = [_group(lines, name) for name in (*OWNERS, *others)]
    return WaitingPage(groups, shown[(number - 1) * PAGE : number * PAGE], number, pages)


def _group(lines: Sequence[WaitingLine], who: str) -> WaitingGroup:
    own = [line for line in lines if line.waiting.who == who]
    return WaitingGroup(who, len(own), sum(line.is_overdue for line in own))


def _line(order: WaitingOrder, now: datetime) -> WaitingLine | None:
    try:
        waiting = Waiting.model_validate(order.waiting_for)
    except ValidationError:  # it waits for nothing, or is a row of another version
        return None
    return WaitingLine(order, waiting, waiting.until < now or waiting.who == OPERATOR)
