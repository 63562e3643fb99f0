"""The workflow of one planned reconciliation of an account, which a Schedule starts once a day."""

from datetime import timedelta

from temporalio import workflow

from baton.orders.names import poll_queue
from baton.reconciliation.messages import RECONCILE_ACCOUNT, Reconcile, ReconcileReport, period_before
from baton.reconciliation.report_text import report_details
from workflows.support.activity_calls import LISTEN_HEARTBEAT, PARTNER_RETRY

_ATTEMPT = timedelta(hours=20)
"""Timeout of one attempt, which paces its reads at Orchestra itself."""


@workflow.defn
class ReconcileWorkflow:
    """One reconciliation; its id is `reconcile/{account}` and the time of its start, its result is the report."""

    @workflow.run
    async def run(self, call: Reconcile) -> ReconcileReport:
        """Hold the orders of the period against Orchestra's books, and return what differs."""
        since, until = period_before(call, workflow.now())
        report: ReconcileReport = await workflow.execute_activity(
            RECONCILE_ACCOUNT,
            call.model_copy(update={"since": since, "until": until}),
            result_type=ReconcileReport,
            task_queue=poll_queue(call.account),
            start_to_close_timeout=_ATTEMPT,
            schedule_to_close_timeout=_ATTEMPT,
            heartbeat_timeout=LISTEN_HEARTBEAT,
            retry_policy=PARTNER_RETRY,
            summary=f"orders placed since {since:%Y-%m-%d %H:%M} UTC",
        )
        workflow.set_current_details(report_details(report))
        return report
