"""Figures of many orders, as the ledger counts them. Without SQL."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple


class HourCount(NamedTuple):
    """How many there were in an hour: of orders that started, of an outcome, of a reason for attention.

    Attributes:
        hour: Its beginning, in UTC.
        name: The outcome or the reason; None of orders that started.
        number: How many.
    """

    hour: datetime
    name: str | None
    number: int


class OrderRoute(NamedTuple):
    """What orders swap into what."""

    source_chain: str | None
    source_asset: str | None
    destination_chain: str | None
    destination_asset: str | None

    def __str__(self) -> str:
        ends = ((self.source_chain, self.source_asset), (self.destination_chain, self.destination_asset))
        return " → ".join(":".join(part for part in end if part) or "?" for end in ends)


class DeliveryTimes(NamedTuple):
    """How long orders of a route took from the payment to the delivery, in milliseconds, within one percent.

    Attributes:
        route: The route.
        orders: How many orders were delivered.
        p50: Half of them took at most so long.
        p95: 95 of 100 took at most so long.
    """

    route: OrderRoute
    orders: int
    p50: int
    p95: int


class OpenOrders(NamedTuple):
    """The open orders of a phase and a status.

    Attributes:
        phase: The phase.
        status: Orchestra's status; None before there is an order.
        orders: How many there are.
        oldest: The workflow of the one that changed longest ago.
        since: When that one changed.
    """

    phase: str
    status: str | None
    orders: int
    oldest: str
    since: datetime


class AccountActivity(NamedTuple):
    """What happens on a partner account.

    Attributes:
        account: The account.
        open: How many orders are open.
        changed_at: When Orchestra last changed one of its orders in a way that a webhook announces; None if it did not.
    """

    account: str
    open: int
    changed_at: datetime | None


def percentile(counted: Iterable[tuple[int, int]], part: float) -> int:
    """Return the smallest value that at least a part of all do not exceed.

    Args:
        counted: Values with how often each came, at least one.
        part: Between 0 and 1.
    """
    ascending = sorted(counted)
    wanted, seen = part * sum(count for _, count in ascending), 0
    for value, count in ascending:
        seen += count
        if seen >= wanted:
            return value
    return ascending[-1][0]
