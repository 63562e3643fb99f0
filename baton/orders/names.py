"""The names in Temporal and at Orchestra: references, workflow ids, task queues, messages, idempotency keys."""

import hashlib

REFERENCE = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"
"""A reference has 1 to 128 letters, digits, dots, underscores, colons or dashes; it becomes part of ids and keys."""

MAX_REFERENCE = 128
"""The longest reference in characters, also of the references that Baton makes itself."""

_FOLLOW_UP = "~late"

ORDER_WORKFLOW = "OrderWorkflow"
"""The order workflow's type, for callers that start it without importing it."""

ATTENTION_WORKFLOW = "AttentionWorkflow"
"""The type of the workflow that holds an ended order's attention, for callers that start it without importing it."""

DEPOSIT_WATCH_WORKFLOW = "DepositWatchWorkflow"
"""The type of the workflow that watches a chain, for callers that start it without importing it."""

PLACEMENT_WORKFLOW = "PlacementWorkflow"
"""The type of the workflow that waits for an order's quote, for callers that start it without importing it."""

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
CLOSE_BY_HAND = "close_by_hand"
ATTEND = "attend"
STEP_ASIDE = "step_aside"
REFUND_DEPOSIT = "refund_deposit"
SNAPSHOT = "snapshot"
ATTENTION = "attention"

ADOPT_ORDER = "adopt_order"
"""The activity that follows an order of Orchestra on request; it needs no workflow."""

RECORD_ACT = "record_act"
"""The activity that writes what somebody did; it needs no workflow."""

ORDER_PAGES = "order_pages"
"""The worker's function that returns the addresses of the pages about an order, by their names."""

SHOW_ORDER = "show_order"
"""The worker's function that takes an order's snapshot for the read model."""


def order_workflow_id(account: str, reference: str) -> str:
    """Return the id of an order's workflow, which makes the reference the idempotency key of the whole order."""
    return f"order/{account}/{reference}"


def account_and_reference(workflow_id: str) -> tuple[str, str]:
    """Return the account and the reference of an order's workflow."""
    _, account, reference = workflow_id.split("/", 2)
    return account, reference


def is_order(workflow_id: str) -> bool:
    """Whether this is the id of an order's workflow."""
    return workflow_id.startswith("order/")


def adopted_reference(order_id: str) -> str:
    """Return the reference of an order that Baton did not place: its Orchestra id, unique in the account.

    No business can choose it: `~` is no character of a reference.
    """
    return _within_limit(f"~orchestra:{order_id}")


def adopted_workflow_id(account: str, order_id: str) -> str:
    """Return the id of the workflow that tracks an order that was not placed here."""
    return order_workflow_id(account, adopted_reference(order_id))


def adopted_workflow_ids(account: str, order_id: str) -> tuple[str, str]:
    """Return the ids under which an order may have been adopted: today's, and that of earlier versions."""
    earlier = order_workflow_id(account, f"orchestra:{order_id}"[:MAX_REFERENCE])
    return adopted_workflow_id(account, order_id), earlier


def address_order_reference(reference: str, identity: str) -> str:
    """Return the reference of the order that a deposit to a reusable address makes; no business can choose it.

    Args:
        reference: The business's reference of the address.
        identity: The deposit's identity, see `address_deposit.deposit_identity`.
    """
    return _within_limit(f"~addr:{reference}:{hashlib.sha256(identity.encode()).hexdigest()[:24]}")


def follow_up_reference(reference: str) -> str:
    """Return the reference of the order that continues after a closed one; no business can choose it.

    It depends on the old reference alone, so the chain's watch, a webhook and a report of the same money start only
    one order.
    """
    return _within_limit(reference, _FOLLOW_UP)


def _within_limit(stem: str, suffix: str = "") -> str:
    """Return stem and suffix; a stem that is too long ends in a digest of itself, so that it stays unique."""
    room = MAX_REFERENCE - len(suffix)
    if len(stem) > room:
        digest = hashlib.sha256(stem.encode("utf-8", "replace")).hexdigest()[:16]
        stem = f"{stem[: room - len(digest) - 1]}~{digest}"
    return stem + suffix


def refund_workflow_id(order_workflow_id: str) -> str:
    """Return the id of an order's refund workflow."""
    return f"{order_workflow_id}/refund"


def attention_workflow_id(order_workflow_id: str) -> str:
    """Return the id of the workflow that holds an order's attention after its end."""
    return f"{order_workflow_id}/attention"


def placement_workflow_id(order_workflow_id: str) -> str:
    """Return the id of the workflow that waits for an order's quote."""
    return f"{order_workflow_id}/placement"


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


def placed_again_step(step: str, first_run_id: str, *, by_time: bool = False) -> str:
    """Return the name of a step in an order that was refused before: keys of an earlier run are never used again.

    Args:
        step: The step.
        first_run_id: The id of the first run; it begins with the time and ends at random.
        by_time: Name the run as older orders do, by the beginning of its id: two runs of a minute share that.
    """
    return f"{step}-{first_run_id[:8] if by_time else first_run_id[-12:]}"


def idempotency_key(workflow_id: str, step: str, generation: int) -> str:
    """Return the idempotency key of one call to Orchestra.

    Network retries, new workers and replays keep the key. Only a stored refusal that may pass later moves the step to
    its next generation (docs/decisions/0004).
    """
    return f"{workflow_id}/{step}/{generation}"
