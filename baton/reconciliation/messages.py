"""What travels through Temporal about a planned reconciliation: its input, and its report. Pure, and light."""

from datetime import datetime, time, timedelta

from pydantic import BaseModel

from baton.encoding.amounts import Time

RECONCILE_WORKFLOW = "ReconcileWorkflow"
RECONCILE_ACCOUNT = "reconcile_account"

MOST_LISTED = 100
"""Orders that a report lists; the others are counted."""


class Reconcile(BaseModel):
    """Reconcile the orders of an account that were placed in a period; without one, those of the last whole day."""

    account: str
    since: Time | None = None
    until: Time | None = None


class ReportedOrder(BaseModel):
    """An order whose books differ, and what was done about it."""

    verdict: str
    reference: str | None = None
    order_id: str | None = None
    differences: list[str] = []
    done: str = ""


class ReconcileReport(BaseModel):
    """What a planned reconciliation found.

    Attributes:
        account: The account.
        since: The beginning of the period.
        until: Its end, which does not belong to it.
        counts: How many orders have each verdict.
        orders: The orders whose books differ, with what was done about each.
        left_out: How many more there are.
    """

    account: str
    since: Time
    until: Time
    counts: dict[str, int] = {}
    orders: list[ReportedOrder] = []
    left_out: int = 0

    @property
    def differing(self) -> int:
        """How many orders have books that differ."""
        return len(self.orders) + self.left_out


def reconcile_schedule_id(account: str) -> str:
    """Return the id of an account's schedule, with which the ids of its workflows begin."""
    return f"reconcile/{account}"


def period_before(call: Reconcile, now: datetime) -> tuple[datetime, datetime]:
    """Return the period of a reconciliation: the one that it names, or the last whole day before now, in UTC."""
    today = datetime.combine(now.date(), time(), now.tzinfo)
    since = call.since or today - timedelta(days=1)
    return since, call.until or since + timedelta(days=1)
