"""Temporal Schedules that the settings decide: made, changed, removed; a person's pause in the Temporal UI stays."""

from temporalio.client import Client, Schedule, ScheduleAlreadyRunningError, ScheduleUpdate, ScheduleUpdateInput
from temporalio.service import RPCError, RPCStatusCode


async def put_schedule(client: Client, schedule_id: str, schedule: Schedule) -> None:
    """Create a schedule, or change the one that exists.

    Raises:
        RPCError: Temporal did not answer, or refuses it.
    """

    def changed(known: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule.state = known.description.schedule.state
        return ScheduleUpdate(schedule=schedule)

    try:
        await client.create_schedule(schedule_id, schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(schedule_id).update(changed)


async def remove_schedule(client: Client, schedule_id: str) -> bool:
    """Delete a schedule; return whether there was one.

    Raises:
        RPCError: Temporal did not answer.
    """
    try:
        await client.get_schedule_handle(schedule_id).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True
