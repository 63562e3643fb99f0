"""Names that others build on: references, workflow ids, task queues, messages, idempotency keys."""

REFERENCE = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"
"""A reference is 1 to 128 letters, digits, dots, underscores, colons or dashes; it becomes part of ids and keys."""

ORDER_WORKFLOW = "OrderWorkflow"
"""The order workflow's type, for callers that start it without importing it."""

WORKFLOW_QUEUE = "baton"
WATCH_QUEUE = "baton-watch"
NOTIFY_QUEUE = "baton-notify"

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


def order_workflow_id(account: str, reference: str) -> str:
    """Return the id of an order's workflow: the lock and the idempotency key of the whole order."""
    return f"order/{account}/{reference}"


def adopted_reference(order_id: str) -> str:
    """Return the reference of an order that was not placed here: its Orchestra id, which is unique in the account."""
    return f"orchestra:{order_id}"[:128]


def follow_up_reference(reference: str) -> str:
    """Return the reference of the order that goes on with the late money of one that has closed.

    It is made of the old one's alone, so that the chain and Orchestra, who may both tell of that money, start one.
    """
    return f"{reference}.late"


def refund_workflow_id(order_workflow_id: str) -> str:
    """Return the id of the workflow that follows an order's refund."""
    return f"{order_workflow_id}/refund"


def approval_workflow_id(order_workflow_id: str, offer_id: str) -> str:
    """Return the id of the workflow that decides one ZeroConf offer."""
    return f"{order_workflow_id}/zeroconf/{offer_id}"


def deposit_watch_id(chain: str) -> str:
    """Return the id of the workflow that watches a chain's deposit addresses."""
    return f"deposit-watch/{chain}"


def partner_queue(account: str) -> str:
    """Return the task queue of an account's calls that change something."""
    return f"baton-partner-{account}"


def poll_queue(account: str) -> str:
    """Return the task queue of an account's reads; its server-side rate is the account's read budget."""
    return f"baton-poll-{account}"


def idempotency_key(workflow_id: str, step: str, generation: int) -> str:
    """Return the partner's idempotency key of one step.

    A key lives as long as the question is the same: network retries, new workers and replays keep it. Only a stored
    refusal that may pass later moves the step to its next generation (design decision 5).
    """
    return f"{workflow_id}/{step}/{generation}"
