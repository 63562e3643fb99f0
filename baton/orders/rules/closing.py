"""Closing an order by hand: what money is under way, and whether an operator has named all of it. Pure.

An operator closes an order whose end Orchestra will never report. Closing it moves no money, but Baton then stops to
follow it, so whatever may still arrive or go back must be named in the request.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from temporalio.exceptions import ApplicationError

from baton.encoding.units import in_words
from baton.orchestra.lifecycle import is_hard_end
from baton.orders.known_deposits import KnownDeposit
from baton.orders.models import CloseByHand, Resolution
from baton.orders.rules.attention import resolve_attention
from baton.orders.rules.wait_plans import ended_unpaid, is_unpaid
from baton.orders.seen_deposits import SeenDeposit, is_money
from baton.orders.state import OrderState

MONEY_UNDER_WAY = "money_under_way"


class MoneyUnderWay(NamedTuple):
    """Money of an order that has neither arrived nor gone back, as far as Baton knows.

    Attributes:
        id: The Orchestra order, or the transaction of the deposit.
        words: What it is, for people.
    """

    id: str
    words: str


def money_under_way(state: OrderState) -> list[MoneyUnderWay]:
    """Return all money that may be under way, each once; nothing if closing the order leaves none behind."""
    found = [*_orders(state), *_deposits(state)]
    return list({money.id: money for money in found}.values())


def _orders(state: OrderState) -> Iterator[MoneyUnderWay]:
    record, status = state.view.record, state.view.status
    if record is None or is_hard_end(status) or is_unpaid(state) or ended_unpaid(record):
        return
    yield MoneyUnderWay(record.id, f"the order {record.id}, which is {status} at Orchestra")


def _deposits(state: OrderState) -> Iterator[MoneyUnderWay]:
    for known in state.deposits:
        if known.may_pay:
            yield _reported(known)
    for seen in state.sightings:
        if is_money([seen]):
            yield _seen(seen)
    if state.address_deposit is not None and state.view.order_id is None:
        tx_id = state.address_deposit.tx_id
        yield MoneyUnderWay(tx_id, f"the deposit {tx_id} to a reusable address")


def _reported(known: KnownDeposit) -> MoneyUnderWay:
    tx_id = known.proof.transaction_id
    return MoneyUnderWay(tx_id, f"the deposit {tx_id}, which is {known.stage.replace('_', ' ')}")


def _seen(seen: SeenDeposit) -> MoneyUnderWay:
    deposit = seen.deposit
    amount = in_words(deposit.amount, deposit.symbol or deposit.asset, deposit.decimals)
    return MoneyUnderWay(deposit.tx_id, f"the deposit {deposit.tx_id} of {amount}")


def unnamed_money(state: OrderState, request: CloseByHand) -> list[MoneyUnderWay]:
    """Return the money under way that a request to close the order does not name."""
    return [money for money in money_under_way(state) if money.id not in request.despite]


def check_close(state: OrderState, request: CloseByHand) -> None:
    """Refuse to close an order by hand while money is under way that the request does not name.

    Raises:
        ApplicationError: Money is under way; the text names it.
    """
    unnamed = unnamed_money(state, request)
    if unnamed:
        what = ", ".join(money.words for money in unnamed)
        ids = ", ".join(money.id for money in unnamed)
        raise ApplicationError(
            f"money is under way: {what}; wait for its end, or name each in `despite` to close the order anyway: {ids}",
            type=MONEY_UNDER_WAY,
        )


def apply_closing(state: OrderState, request: CloseByHand, now: datetime) -> None:
    """Have the order closed, unless money came meanwhile that the request does not name."""
    if not unnamed_money(state, request):
        resolution = Resolution(note=request.note, close_as=request.outcome, by=request.by)
        resolve_attention(state, resolution, now)
