"""How many orders came of an address or a link, how they stand, and what they brought in, in exact whole numbers.

Amounts are added up here and not in the database, whose numbers would round what a token with 18 decimals counts.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from sqlalchemy import RowMapping, Select, select

from baton.encoding.amounts import Amount
from baton.ledger.schema import orders

PAGE = 5_000
"""Orders that are read at once."""

_PAYER = "payer"
_COLUMNS = (
    *(orders.c.workflow_id, orders.c.outcome, orders.c.waiting_for),
    *(orders.c.source_chain, orders.c.source_asset, orders.c.amount_in),
    *(orders.c.destination_chain, orders.c.destination_asset, orders.c.amount_out),
)


class OrderStanding(StrEnum):
    """How an order that came of an address or a link stands."""

    AWAITING_PAYMENT = "awaiting_payment"
    """Nobody has paid it yet."""
    UNDER_WAY = "under_way"
    """It is paid, and not ended."""
    COMPLETED = "completed"
    UNPAID = "unpaid"
    """It ended because nobody paid it."""
    REFUNDED = "refunded"
    FAILED = "failed"
    """It failed, or its workflow was stopped."""


class AssetTotal(BaseModel):
    """A sum in one asset, in its smallest units."""

    chain: str
    asset: str
    amount: Amount


class StandingTotals(BaseModel):
    """The orders that stand alike: how many, and what they were paid and delivered."""

    standing: OrderStanding
    orders: int
    paid: list[AssetTotal] = []
    delivered: list[AssetTotal] = []


class SourceTotals(BaseModel):
    """All orders that came of one address or link."""

    orders: int = 0
    by_standing: list[StandingTotals] = []

    def count(self, standing: OrderStanding) -> int:
        """Return how many orders stand like this."""
        return next((total.orders for total in self.by_standing if total.standing is standing), 0)


def page_of_source(account: str, source: str, after: str) -> Select[Any]:
    """Select the next orders of a source.

    Args:
        account: The partner account.
        source: The name of the source, such as `paylink/REF`.
        after: Workflow id of the last order of the page before; empty for the first page.
    """
    named = (orders.c.account == account, orders.c.source == source, orders.c.workflow_id > after)
    return select(*_COLUMNS).where(*named).order_by(orders.c.workflow_id).limit(PAGE)


class TotalsCounter:
    """Adds up orders, page by page."""

    def __init__(self) -> None:
        self._orders: dict[OrderStanding, int] = {}
        self._paid: dict[OrderStanding, dict[tuple[str, str], int]] = {}
        self._delivered: dict[OrderStanding, dict[tuple[str, str], int]] = {}

    def add(self, rows: Iterable[RowMapping]) -> None:
        """Add a page of orders; one that another workflow follows is counted there."""
        for row in rows:
            standing = standing_of_row(row["outcome"], row["waiting_for"])
            if standing is None:
                continue
            self._orders[standing] = self._orders.get(standing, 0) + 1
            if standing not in (OrderStanding.AWAITING_PAYMENT, OrderStanding.UNPAID):
                _add(self._paid, standing, row, "source", row["amount_in"])
            if standing is OrderStanding.COMPLETED:
                _add(self._delivered, standing, row, "destination", row["amount_out"])

    @property
    def totals(self) -> SourceTotals:
        """The totals of all orders added so far."""
        return SourceTotals(
            orders=sum(self._orders.values()),
            by_standing=[
                StandingTotals(
                    standing=standing,
                    orders=self._orders[standing],
                    paid=_sums(self._paid.get(standing, {})),
                    delivered=_sums(self._delivered.get(standing, {})),
                )
                for standing in OrderStanding
                if standing in self._orders
            ],
        )


def standing_of_row(outcome: str | None, waiting_for: dict[str, Any] | None) -> OrderStanding | None:
    """Return how an order stands; None for one that another workflow follows."""
    match outcome:
        case None:
            waits_for_payer = (waiting_for or {}).get("who") == _PAYER
            return OrderStanding.AWAITING_PAYMENT if waits_for_payer else OrderStanding.UNDER_WAY
        case "completed":
            return OrderStanding.COMPLETED
        case "refunded":
            return OrderStanding.REFUNDED
        case "expired" | "unfulfilled" | "cancelled":
            return OrderStanding.UNPAID
        case "superseded":
            return None
        case _:
            return OrderStanding.FAILED


def _add(
    sums: dict[OrderStanding, dict[tuple[str, str], int]],
    standing: OrderStanding,
    row: RowMapping,
    side: str,
    amount: int | None,
) -> None:
    chain, asset = row[f"{side}_chain"], row[f"{side}_asset"]
    if amount is None or chain is None or asset is None:
        return
    of_standing = sums.setdefault(standing, {})
    of_standing[chain, asset] = of_standing.get((chain, asset), 0) + amount


def _sums(sums: dict[tuple[str, str], int]) -> list[AssetTotal]:
    return [AssetTotal(chain=chain, asset=asset, amount=amount) for (chain, asset), amount in sorted(sums.items())]
