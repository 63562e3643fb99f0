"""The activity that reconciles an account, and has a person look at every order whose books differ."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.support.account_clients import AccountClients
from baton.errors import BatonError, OrderUnknown
from baton.ledger.ledger import Ledger
from baton.orchestra.client import OrchestraClient
from baton.orders.after_close import raise_after_close
from baton.orders.answers import Snapshot
from baton.orders.names import ATTEND, REFRESH, order_workflow_id
from baton.orders.observation import Observation
from baton.orders.rules.attention import AttentionReason, attention_of
from baton.ownership.adoption_by_hand import AdoptionByHand
from baton.reconciliation.messages import (
    MOST_LISTED,
    RECONCILE_ACCOUNT,
    Reconcile,
    ReconcileReport,
    ReportedOrder,
)
from baton.reconciliation.orchestra_side import OrchestraSide
from baton.reconciliation.reconciled_order import ReconciledOrder
from baton.reconciliation.reconciler import Period, Reconciler
from baton.reconciliation.report_text import books_differ
from baton.reconciliation.verdicts import DIFFERING, BookVerdict
from baton.temporal_orders import TemporalOrders

PATIENCE = timedelta(seconds=25)
"""How long an order may take to answer."""

_ADOPT = "adopt"
IGNORED = "nothing: the account ignores orders that Baton did not place"


class ReconciliationActivities:
    """Planned reconciliations.

    Args:
        client: A Temporal client.
        ledger: An open ledger.
        clients: The accounts, with their clients.
    """

    def __init__(self, client: Client, ledger: Ledger, clients: AccountClients) -> None:
        self._client = client
        self._ledger = ledger
        self._clients = clients
        self._orders = TemporalOrders(client, PATIENCE)
        self._adoption = AdoptionByHand(client, ledger)

    @activity.defn(name=RECONCILE_ACCOUNT)
    async def reconcile_account(self, call: Reconcile) -> ReconcileReport:
        """Reconcile the orders of a period; a repeat begins again, and raises no attention twice."""
        assert call.since is not None
        assert call.until is not None
        report = ReconcileReport(account=call.account, since=call.since, until=call.until)
        counts: Counter[str] = Counter()
        async with self._clients.for_activity(call.account) as orchestra:
            await self._ledger.require_complete()
            side = OrchestraSide(orchestra, self._clients.account(call.account).read_pause)
            reconciler = Reconciler(call.account, self._ledger, side, self._ask)
            async for line in reconciler.run(Period(call.since, call.until)):
                counts[line.verdict] += 1
                if line.verdict in DIFFERING:
                    await self._note(report, line, orchestra)
        return report.model_copy(update={"counts": dict(counts)})

    async def _ask(self, ours: Snapshot) -> Snapshot:
        """Return an order as its workflow has it now, or as it was given if Temporal has forgotten it."""
        try:
            return await self._orders.snapshot(ours.reference, ours.account)
        except OrderUnknown:
            return ours

    async def _note(self, report: ReconcileReport, line: ReconciledOrder, orchestra: OrchestraClient) -> None:
        order = ReportedOrder(
            verdict=line.verdict, reference=line.reference, order_id=line.order_id, differences=line.differences
        )
        order.done = await (
            self._adopt(line, orchestra)
            if line.verdict is BookVerdict.UNKNOWN_HERE
            else self._raise_attention(line, order)
        )
        if len(report.orders) < MOST_LISTED:
            report.orders.append(order)
        else:
            report.left_out += 1

    async def _adopt(self, line: ReconciledOrder, orchestra: OrchestraClient) -> str:
        """Follow an order that nobody here follows, unless the account ignores such orders; return what was done."""
        if self._clients.account(line.account).unknown_orders != _ADOPT:
            return IGNORED
        observed = Observation.of_status(await orchestra.status(order_id=str(line.order_id)))
        adoption = await self._adoption.adopt(line.account, observed)
        return f"{adoption.end} by {adoption.workflow_id}"

    async def _raise_attention(self, line: ReconciledOrder, order: ReportedOrder) -> str:
        """Have an open order read once more, and a person look at one that still differs; return what was done."""
        workflow_id = order_workflow_id(line.account, str(line.reference))
        if line.outcome is None and await self._settled_by_a_read(line):
            return "it was read once more, and has ended"
        attention = attention_of(AttentionReason.BOOKS_DIFFER, books_differ(order), datetime.now(UTC))
        if line.outcome is None:
            try:
                await self._client.get_workflow_handle(workflow_id).signal(ATTEND, attention)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            else:
                return "a person is asked to look"
        await raise_after_close(self._client, workflow_id, attention)
        return "a person is asked to look"

    async def _settled_by_a_read(self, line: ReconciledOrder) -> bool:
        try:
            standing = await self._orders.update(str(line.reference), line.account, REFRESH)
        except BatonError:
            return False
        return standing.outcome is not None
