"""The Temporal Schedules that reconcile the accounts once a day: the worker keeps them as the settings say.

A schedule that somebody paused in the Temporal UI stays paused.
"""

from collections.abc import Mapping
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
)
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError

from baton.orders.names import WORKFLOW_QUEUE
from baton.orders.visibility import PARTNER
from baton.process.logs import get_logger
from baton.reconciliation.messages import RECONCILE_WORKFLOW, Reconcile, reconcile_schedule_id
from baton.settings import OFF, PartnerAccount
from baton.temporal_schedules import put_schedule, remove_schedule

CATCH_UP = timedelta(hours=12)
"""How late a reconciliation may start that Temporal missed, for instance because its server was down."""

_log = get_logger(__name__)


class ReconcileSchedules:
    """The schedules of the accounts.

    Args:
        client: A Temporal client.
        accounts: The accounts by name; an `AccountBook` if they may change.
        at: The time of day in UTC, such as `04:00`; `off` for none.
    """

    def __init__(self, client: Client, accounts: Mapping[str, PartnerAccount], at: str) -> None:
        self._client = client
        self._accounts = accounts
        self._at = at
        self._kept: set[str] = set()
        self._failures: dict[str, str] = {}

    async def keep(self) -> None:
        """Create or change the schedules of new accounts, and remove those of others; an outage is tried again."""
        wanted = set(self._accounts)
        for name in sorted(wanted - self._kept):
            if await self._tried(name, off=self._at == OFF):
                self._kept.add(name)
        for name in sorted(self._kept - wanted):
            if await self._tried(name, off=True):
                self._kept.discard(name)

    async def _tried(self, account: str, *, off: bool) -> bool:
        """Apply an account's schedule; return whether that was done. Why not is logged once."""
        try:
            await self._apply(account, off=off)
        except RPCError as error:
            if self._failures.get(account) != error.message:
                _log.warning("an account's reconciliation was not scheduled", account=account, reason=error.message)
            self._failures[account] = error.message
            return False
        self._failures.pop(account, None)
        return True

    async def _apply(self, account: str, *, off: bool) -> None:
        if off:
            await remove_schedule(self._client, reconcile_schedule_id(account))
        else:
            await put_schedule(self._client, reconcile_schedule_id(account), schedule_of(account, self._at))


def schedule_of(account: str, at: str) -> Schedule:
    """Return the schedule of an account: once a day, never two at the same time."""
    hour, minute = (int(part) for part in at.split(":"))
    return Schedule(
        action=ScheduleActionStartWorkflow(
            RECONCILE_WORKFLOW,
            Reconcile(account=account),
            id=reconcile_schedule_id(account),
            task_queue=WORKFLOW_QUEUE,
            static_summary=f"daily reconciliation of account {account}",
            typed_search_attributes=TypedSearchAttributes([SearchAttributePair(PARTNER, account)]),
        ),
        spec=ScheduleSpec(calendars=[ScheduleCalendarSpec(hour=[ScheduleRange(hour)], minute=[ScheduleRange(minute)])]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )
