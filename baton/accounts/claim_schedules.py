"""The Temporal Schedules that claim for the accounts: the worker keeps them as the settings say.

An account whose settings have `claim_every` has the schedule `claims/{account}`; every other account of these settings
has none. Nothing else creates one, so the settings are where a person looks and changes. A schedule that somebody
paused in the Temporal UI stays paused.
"""

from collections.abc import Mapping
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError

from baton.accounts.policies import claim_policy
from baton.affiliates.messages import ClaimRound
from baton.affiliates.names import CLAIM_ROUND_WORKFLOW, claims_schedule_id
from baton.orders.names import WORKFLOW_QUEUE
from baton.orders.visibility import PARTNER
from baton.process.logs import get_logger
from baton.settings import PartnerAccount
from baton.temporal_schedules import put_schedule, remove_schedule

CATCH_UP = timedelta(hours=1)
"""How late a round may start that Temporal missed, for instance because its server was down."""

_log = get_logger(__name__)


class ClaimSchedules:
    """The schedules of the accounts.

    Args:
        client: A Temporal client.
        accounts: The accounts by name; an `AccountBook` if they may change.
    """

    def __init__(self, client: Client, accounts: Mapping[str, PartnerAccount]) -> None:
        self._client = client
        self._accounts = accounts
        self._kept: dict[str, timedelta | None] = {}
        self._failures: dict[str, str] = {}

    async def keep(self) -> None:
        """Create, change or remove the schedules whose settings have changed; an outage is logged and tried again."""
        wanted = {name: claim_policy(account).claim_every for name, account in dict(self._accounts).items()}
        gone = dict.fromkeys(self._kept.keys() - wanted.keys())
        for name, every in (wanted | gone).items():
            if name not in self._kept or self._kept[name] != every:
                try:
                    await self._apply(name, every)
                except RPCError as error:
                    self._report(name, error.message)
                    continue
                self._kept[name] = every
                self._failures.pop(name, None)

    def _report(self, account: str, reason: str) -> None:
        """Log why a schedule is not as the settings say, once for each reason."""
        if self._failures.get(account) != reason:
            _log.warning("the schedule of an account's claims was not set", account=account, reason=reason)
        self._failures[account] = reason

    async def _apply(self, account: str, every: timedelta | None) -> None:
        if every is not None:
            await put_schedule(self._client, claims_schedule_id(account), schedule_of(account, every))
            _log.info("balances of affiliates are claimed by schedule", account=account, every=str(every))
        elif await remove_schedule(self._client, claims_schedule_id(account)):
            _log.info("balances of affiliates are no longer claimed by schedule", account=account)


def schedule_of(account: str, every: timedelta) -> Schedule:
    """Return the schedule of an account: a round at each interval, never two at the same time."""
    return Schedule(
        action=ScheduleActionStartWorkflow(
            CLAIM_ROUND_WORKFLOW,
            ClaimRound(account=account),
            id=claims_schedule_id(account),
            task_queue=WORKFLOW_QUEUE,
            static_summary=f"planned claims of account {account}",
            typed_search_attributes=TypedSearchAttributes([SearchAttributePair(PARTNER, account)]),
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )
