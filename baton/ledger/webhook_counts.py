"""How many webhooks came, by the hour and by what became of them: also those that were refused and leave no row."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, select

from baton.ledger.database import Database
from baton.ledger.figure_schema import webhook_counts
from baton.ledger.statements import add_counts

KEPT = timedelta(days=31)
"""How long counts are kept."""


class WebhookCount(NamedTuple):
    """How many webhooks of an account had a result in an hour.

    Attributes:
        hour: The beginning of the hour, in UTC.
        account: The partner account; empty for an account that the gateway does not have.
        result: `handed_over`, `late`, `unclaimed` or `test`, or the code of the error that the sender got.
        number: How many.
        last_at: When the last of them came.
    """

    hour: datetime
    account: str
    result: str
    number: int
    last_at: datetime


class WebhookSum(NamedTuple):
    """How many webhooks of an account had a result since a time, and when the last of them came."""

    account: str
    result: str
    number: int
    last_at: datetime


class WebhookCounts:
    """The counts of webhooks in a ledger; available as `Ledger.webhook_counts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, counts: Sequence[WebhookCount]) -> None:
        """Add to the counts; several gateways may count the same hour. Counts that are too old are deleted.

        Raises:
            LedgerUnavailable: They could not be written.
        """
        values = [count._asdict() for count in counts]
        if not values:
            return
        statement, newest = add_counts(self._database.dialect, webhook_counts), max(count.hour for count in counts)
        old = delete(webhook_counts).where(webhook_counts.c.hour < newest - KEPT)
        await self._database.write(lambda inside: (inside.execute(statement, values), inside.execute(old)))

    async def since(self, at: datetime, accounts: Sequence[str] | None = None) -> list[WebhookSum]:
        """Return the sums by account and result of all hours since the one of a time.

        Args:
            at: The time.
            accounts: Only those of these accounts; None means all.

        Raises:
            LedgerUnavailable: The ledger did not answer.
        """
        kind = (webhook_counts.c.account, webhook_counts.c.result)
        sums = (func.sum(webhook_counts.c.number).label("number"), func.max(webhook_counts.c.last_at).label("last_at"))
        begins = at.replace(minute=0, second=0, microsecond=0)
        query = select(*kind, *sums).where(webhook_counts.c.hour >= begins).group_by(*kind).order_by(*kind)
        if accounts is not None:
            query = query.where(webhook_counts.c.account.in_(accounts))
        return [WebhookSum(**row) for row in await self._database.read(query)]
