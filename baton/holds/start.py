"""How the workflow of the holds is started: with the first request. Pure."""

from typing import Any

from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from baton.holds.details import SUMMARY
from baton.holds.models import HoldsState
from baton.holds.names import HOLDS_ID, HOLDS_MEMO

WORKFLOW_QUEUE = "baton"
"""The queue of all workflows, see `baton.orders.names`."""


def holds_options(state: HoldsState) -> dict[str, Any]:
    """Return the options of Temporal's start call.

    Args:
        state: What a run that somebody ended by hand had on hold: it stays on hold.
    """
    return {
        "id": HOLDS_ID,
        "task_queue": WORKFLOW_QUEUE,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        "memo": memo_of_holds(state),
        "static_summary": SUMMARY,
    }


def memo_of_holds(state: HoldsState) -> dict[str, Any]:
    """Return the memo that shows what is on hold or being released; a memo is short, so the record is left out."""
    return {HOLDS_MEMO: state.model_dump(mode="json", exclude={"released"}, exclude_defaults=True)}


def holds_in(memo: dict[str, Any]) -> HoldsState:
    """Return the holds that a memo shows; without the entry there are none."""
    return HoldsState.model_validate(memo.get(HOLDS_MEMO) or {})
