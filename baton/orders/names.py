"""The names in Temporal and at Orchestra: references, workflow ids, task queues, messages, idempotency keys."""

REFERENCE = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"
"""A reference has 1 to 128 letters, digits, dots, underscores, colons or dashes; it becomes part of ids and keys."""

ORDER_WORKFLOW = "OrderWorkflow"
"""The order workflow's type, for callers that start it without importing it."""

ATTENTION_WORKFLOW = "AttentionWorkflow"
"""The type of the workflow that holds an ended order's attention, for callers that start it without importing it."""

WORKFLOW_QUEUE = "baton"
WATCH_QUEUE = "baton-watch"

OBSERVE = "observe"
NOTICE_DEPOSIT = "notice_deposit"
PLACE = "place"
REPORT_DEPOSIT = "report_deposit"
REFRESH = "refresh"
CANCEL = "cancel"
DECIDE_ZEROCONF = "decide_zeroconf"
DECIDE_REPRICE = "decide_reprice"
RESOLVE = "resolve"
ATTEND = "attend"
STEP_ASIDE = "step_aside"
SNAPSHOT = "snapshot"
ATTENTION = "attention"


def order_workflow_id(account: str, reference: str) -> str:
    """Return the id of an order's workflow, which makes the reference the idempotency key of the whole order."""
    return f"order/{account}/{reference}"


def adopted_reference(order_id: str) -> str:
    """Return the reference of an order that Baton did not place: its Orchestra id, unique in the account."""
    return f"orchestra:{order_id}"[:128]


def follow_up_reference(reference: str) -> str:
    """Return the reference of the order that continues with late money of a closed one.

    It depends on the old reference alone, so the chain's watch and a webhook may both report the money and still start
    only one order.
    """
    return f"{reference}.late"


def refund_workflow_id(order_workflow_id: str) -> str:
    """Return the id of an order's refund workflow."""
    return f"{order_workflow_id}/refund"


def attention_workflow_id(order_workflow_id: str) -> str:
    """Return the id of the workflow that holds an order's attention after its end."""
    return f"{order_workflow_id}/attention"


def approval_workflow_id(order_workflow_id: str, offer_id: str) -> str:
    """Return the id of the approval workflow of one ZeroConf offer."""
    return f"{order_workflow_id}/zeroconf/{offer_id}"


def deposit_watch_id(chain: str) -> str:
    """Return the id of a chain's watch workflow."""
    return f"deposit-watch/{chain}"


def partner_queue(account: str) -> str:
    """Return the task queue of an account's calls that change something at Orchestra."""
    return f"baton-partner-{account}"


def poll_queue(account: str) -> str:
    """Return the task queue of an account's reads; its server-side rate is the account's read budget."""
    return f"baton-poll-{account}"


def placed_again_step(step: str, first_run_id: str) -> str:
    """Return the name of a step in an order that was refused before: keys of an earlier run are never used again."""
    return f"{step}-{first_run_id[:8]}"


def idempotency_key(workflow_id: str, step: str, generation: int) -> str:
    """Return the idempotency key of one call to Orchestra.

    Network retries, new workers and replays keep the key. Only a stored refusal that may pass later moves the step to
    its next generation (docs/decisions/0004).
    """
    return f"{workflow_id}/{step}/{generation}"
