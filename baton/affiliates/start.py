"""How a claim's workflow is started: one for each affiliate at a time. Pure."""

from typing import Any

from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy

from baton.affiliates.details import claim_summary
from baton.affiliates.messages import ClaimPhase, ClaimRequest
from baton.affiliates.names import claim_workflow_id
from baton.orders.names import WORKFLOW_QUEUE
from baton.orders.visibility import ATTENTION, PARTNER, PHASE


def claim_options(request: ClaimRequest) -> dict[str, Any]:
    """Return the options with which a client or a round starts a claim; a closed claim's id is used again."""
    attributes: list[SearchAttributePair[Any]] = [
        SearchAttributePair(PARTNER, request.account),
        SearchAttributePair(PHASE, ClaimPhase.CLAIMING.value),
        SearchAttributePair(ATTENTION, False),
    ]
    return {
        "id": claim_workflow_id(request.account, request.affiliate_id),
        "task_queue": WORKFLOW_QUEUE,
        "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        "search_attributes": TypedSearchAttributes(attributes),
        "static_summary": claim_summary(request),
    }
