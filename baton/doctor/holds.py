"""Check of the holds: what an operator stopped, which is easily forgotten."""

from collections.abc import AsyncIterator

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from baton.encoding.times import date_and_time
from baton.health.findings import CheckFinding, ok, problem, skipped, warning
from baton.holds.models import Hold
from baton.holds.names import HOLDS_ID
from baton.holds.start import holds_in

_NOTHING = "nothing is on hold"


async def check_holds(client: Client) -> AsyncIterator[CheckFinding]:
    """Name every hold, and say if the workflow that keeps them was ended by hand."""
    try:
        found = await client.get_workflow_handle(HOLDS_ID).describe()
    except RPCError as error:
        missing = error.status is RPCStatusCode.NOT_FOUND
        yield ok("holds.open", _NOTHING) if missing else skipped("holds.open", f"cannot be read: {error.message}")
        return
    holds = holds_in(dict(await found.memo())).holds
    if found.status is not WorkflowExecutionStatus.RUNNING:
        message = f"the workflow {HOLDS_ID!r} was ended by hand; what was on hold then stays on hold"
        effect, remedy = "releases under way have stopped", "hold or release anything, which starts it again"
        yield problem("holds.workflow", message, effect, remedy)
    if not holds:
        yield ok("holds.open", _NOTHING)
    for hold in holds:
        yield _standing(hold)


def _standing(hold: Hold) -> CheckFinding:
    by = f" by {hold.by}" if hold.by else ""
    message = f"{hold.id} stops {hold.scope} since {date_and_time(hold.since)}{by}: {hold.reason}"
    effect = "orders that need these calls wait for the release; `baton holds` counts them"
    return warning("holds.open", message, effect, f"baton release {hold.id} --reason TEXT", hold.id)
