"""How the workflow of an address or a link is started: one for each reference, never a second. Pure."""

from typing import Any

from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from baton.orders.names import WORKFLOW_QUEUE
from baton.sources.create_source import CreateSource
from baton.sources.names import source_workflow_id
from baton.sources.summaries import source_details, source_summary
from baton.sources.visibility import first_source_listing


def source_start_options(source: CreateSource) -> dict[str, Any]:
    """Return the options of Temporal's start call: an open one is used as it is, a closed one is an error.

    One that is enabled again replaces a run that completed as disabled. One that is created again replaces a closed run
    that did not complete. Temporal counts terminated and cancelled runs among these, whose address may exist: the
    caller must have seen that it was refused.
    """
    return {
        "id": source_workflow_id(source.kind, source.account, source.reference),
        "task_queue": WORKFLOW_QUEUE,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "id_reuse_policy": _reuse(source),
        "search_attributes": first_source_listing(source),
        "static_summary": source_summary(source),
        "static_details": source_details(source),
    }


def _reuse(source: CreateSource) -> WorkflowIDReusePolicy:
    if source.enables:
        return WorkflowIDReusePolicy.ALLOW_DUPLICATE
    return WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY if source.again else WorkflowIDReusePolicy.REJECT_DUPLICATE
