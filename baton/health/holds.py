"""Check of the holds: what an operator stopped, which is easily forgotten."""

from typing import NamedTuple

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from baton.encoding.times import date_and_time
from baton.health.findings import CheckFinding, ok, problem, skipped, warning
from baton.holds.models import Hold
from baton.holds.names import HOLDS_ID
from baton.holds.start import holds_in

_OPEN, _NOTHING = "holds.open", "nothing is on hold"


class HoldsReading(NamedTuple):
    """What is on hold, and what is found about it; the finding of a hold has its id as the subject."""

    holds: list[Hold]
    findings: list[CheckFinding]


async def read_holds(client: Client) -> HoldsReading:
    """Name every hold, and say if the workflow that keeps them was ended by hand."""
    try:
        found = await client.get_workflow_handle(HOLDS_ID).describe()
    except RPCError as error:
        missing = error.status is RPCStatusCode.NOT_FOUND
        return HoldsReading(
            [], [ok(_OPEN, _NOTHING) if missing else skipped(_OPEN, f"cannot be read: {error.message}")]
        )
    holds = holds_in(dict(await found.memo())).holds
    findings = [] if found.status is WorkflowExecutionStatus.RUNNING else [_ended()]
    return HoldsReading(holds, [*findings, *(map(_standing, holds) if holds else [ok(_OPEN, _NOTHING)])])


def _ended() -> CheckFinding:
    message = f"the workflow {HOLDS_ID!r} was ended by hand; what was on hold then stays on hold"
    effect, remedy = "releases under way have stopped", "hold or release anything, which starts it again"
    return problem("holds.workflow", message, effect, remedy)


def _standing(hold: Hold) -> CheckFinding:
    by = f" by {hold.by}" if hold.by else ""
    message = f"{hold.id} stops {hold.scope} since {date_and_time(hold.since)}{by}: {hold.reason}"
    effect = "orders that need these calls wait for the release; `baton holds` counts them"
    return warning(_OPEN, message, effect, f"baton release {hold.id} --reason TEXT", hold.id)
