"""Goes through the orders of a period and holds each against Orchestra's books.

The ledger names the candidates. Before a difference is reported, the order's workflow and Orchestra are both asked
again, so that neither a row that is a moment behind nor a change under way counts as one.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple

from baton.ledger.ledger import Ledger
from baton.orchestra.models import OrderRecord
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome
from baton.reconciliation.orchestra_side import OrchestraSide
from baton.reconciliation.reconciled_order import ReconciledOrder, foreign, reconciled
from baton.reconciliation.verdicts import DIFFERING, Judgement, judge, judge_foreign, judge_second

AskWorkflow = Callable[[Snapshot], Awaitable[Snapshot]]
"""Returns an order as its workflow has it now, or as it was given if Temporal has forgotten it."""

_SAYS_MORE = frozenset({Outcome.REFUNDED, Outcome.FAILED})
"""Outcomes of which a history entry lacks what matters: the refund."""


class Period(NamedTuple):
    """A period of time; its end does not belong to it."""

    since: datetime
    until: datetime

    def has(self, at: datetime | None) -> bool:
        """Whether a time is within the period."""
        return at is not None and self.since <= at < self.until


class Reconciler:
    """Reconciles one account.

    Args:
        account: The account's name.
        ledger: An open ledger.
        side: Orchestra's books of the account.
        ask_workflow: Asks an order's workflow.
        now: Returns the present time.
    """

    def __init__(
        self,
        account: str,
        ledger: Ledger,
        side: OrchestraSide,
        ask_workflow: AskWorkflow,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._account = account
        self._ledger = ledger
        self._side = side
        self._ask_workflow = ask_workflow
        self._now = now
        self._ours: set[str] = set()

    async def run(self, period: Period) -> AsyncIterator[ReconciledOrder]:
        """Yield each order that Baton or Orchestra has of a period.

        Orchestra lists orders by recipient only, so one that Baton does not follow is found if its recipient has
        another order in the period.

        Raises:
            LedgerError: The ledger did not answer.
            OrchestraError: Orchestra refuses, or gives no usable answer.
        """
        async for row in self._ledger.periods.orders(period.since, period.until, self._account):
            yield await self._own(Snapshot.model_validate(row.snapshot))
        for record in self._side.known():
            line = await self._foreign(record, period)
            if line is not None:
                yield line

    async def _own(self, ours: Snapshot) -> ReconciledOrder:
        await self._side.learn([ours.recipient_address])
        theirs, missing = await self._side.order(ours.order_id, ours.quote_id)
        if theirs is not None and ours.outcome in _SAYS_MORE:
            theirs = await self._side.complete(theirs)
        judgement = judge(ours, theirs, self._now(), known_missing=missing)
        if judgement.verdict in DIFFERING:
            ours, theirs, judgement = await self._again(ours, theirs, missing=missing)
        self._ours.update(filter(None, (ours.order_id, theirs.id if theirs else None, *ours.superseded)))
        return reconciled(ours, theirs, judgement)

    async def _again(
        self, ours: Snapshot, theirs: OrderRecord | None, *, missing: bool
    ) -> tuple[Snapshot, OrderRecord | None, Judgement]:
        ours = await self._ask_workflow(ours)
        if theirs is not None:
            theirs = await self._side.complete(theirs)
        return ours, theirs, judge(ours, theirs, self._now(), known_missing=missing)

    async def _foreign(self, theirs: OrderRecord, period: Period) -> ReconciledOrder | None:
        """Return the report of an order that nobody here follows; None for every other one."""
        if theirs.id in self._ours or not period.has(theirs.created_at):
            return None
        if await self._ledger.find_workflow(self._account, order_id=theirs.id):
            return None
        if owner := await self._ledger.find_workflow(self._account, quote_id=theirs.quote_id):
            return await self._second(owner, theirs)
        judgement = judge_foreign(theirs, self._now())
        return foreign(self._account, theirs, judgement)

    async def _second(self, owner: str, theirs: OrderRecord) -> ReconciledOrder | None:
        """Return the report of an order of a quote of ours, if Baton follows another one of it; else None."""
        row = await self._ledger.order(owner)
        if row is None:
            return None
        ours = await self._ask_workflow(Snapshot.model_validate(row.snapshot))
        if ours.order_id in (None, theirs.id) or theirs.id in ours.superseded:
            return None
        return reconciled(ours, theirs, judge_second(theirs, self._now()))
