"""The Temporal Schedule that has an account's addresses and links read at Orchestra."""

import zlib
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from baton.orders.names import WORKFLOW_QUEUE
from baton.sources.messages import ReadSources
from baton.sources.names import SOURCE_READ_WORKFLOW, source_schedule_id


async def ensure_source_schedule(client: Client, account: str, hours: float, pause: float) -> None:
    """Create the Schedule of an account's planned reads, or give it this interval if it has another.

    Args:
        client: A Temporal client.
        account: The partner account.
        hours: Hours between two reads; 0 means none, and pauses the Schedule if there is one.
        pause: Seconds between two calls of a read.

    Raises:
        RPCError: Temporal did not answer.
    """
    schedule = _schedule(account, hours, pause)
    try:
        await client.create_schedule(source_schedule_id(account), schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(source_schedule_id(account)).update(lambda found: _updated(found, schedule))


def _schedule(account: str, hours: float, pause: float) -> Schedule:
    every = timedelta(hours=hours or 24)
    # The accounts of one worker share its address at Orchestra, so they are read at different times.
    offset = timedelta(seconds=zlib.crc32(account.encode()) % int(every.total_seconds()))
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            SOURCE_READ_WORKFLOW,
            ReadSources(account=account, pause=timedelta(seconds=pause)),
            id=source_schedule_id(account),
            task_queue=WORKFLOW_QUEUE,
            static_summary=f"planned read of the addresses and links of {account}",
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every, offset=offset)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
    )
    schedule.state.paused = not hours
    return schedule


def _updated(found: ScheduleUpdateInput, wanted: Schedule) -> ScheduleUpdate | None:
    """Return the update to a Schedule's interval; None if it has that one, whatever an operator paused."""
    known = found.description.schedule
    if [interval.every for interval in known.spec.intervals] == [interval.every for interval in wanted.spec.intervals]:
        return None
    known.spec, known.state.paused = wanted.spec, wanted.state.paused
    return ScheduleUpdate(schedule=known)
