"""An order does the same whenever a replay has the result of a local activity that writes its row.

If a query is answered while a local activity runs, a replay may have the result on the other side of the signals that
came meanwhile: see docs/decisions/0002. In these histories the next status came and the approval of a ZeroConf offer
ended while the order's row was written; they differ only in the place of the write's result.
"""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.workflow import NondeterminismError

from tests.replay.replayer import replay_deployed

FOLDER = Path(__file__).parent / "local_activities"
AFTER, BEFORE = "result_after_the_signal", "result_before_the_signal"


def load(name: str) -> WorkflowHistory:
    return WorkflowHistory.from_json("order/default/r-48-zeroconf", (FOLDER / f"{name}.json").read_text())


def older(history: WorkflowHistory) -> WorkflowHistory:
    """Return the history of an order that waits for each write."""
    placed = history.events[0].workflow_execution_started_event_attributes.input.payloads[0]
    placed.data = placed.data.replace(b'"edition":9', b'"edition":8')
    return history


@pytest.mark.parametrize("name", [AFTER, BEFORE])
async def test_an_order_follows_its_offer_while_its_row_is_written(name: str) -> None:
    await replay_deployed(load(name))


async def test_an_older_order_depends_on_when_its_row_was_written() -> None:
    await replay_deployed(older(load(BEFORE)))

    with pytest.raises(NondeterminismError, match="SignalExternalWorkflowExecutionInitiated"):
        await replay_deployed(older(load(AFTER)))
