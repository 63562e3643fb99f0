"""The published lifecycle of an Orchestra order: its statuses, events and transitions. Pure data and predicates.

Source of every rule here: the partner API's state-transition table and its order-lifecycle page, second generation
(47 public edges, plus the first row, from no status to `processing`).
"""

from enum import StrEnum


class Status(StrEnum):
    """A status of an Orchestra order. `PAUSED` is internal: the public API shows it as `processing`."""

    PROCESSING = "processing"
    CONFIRMING = "confirming"
    BRIDGING = "bridging"
    SWAPPING = "swapping"
    AWAITING_APPROVAL = "awaiting_approval"
    REFUNDING = "refunding"
    DELIVERING = "delivering"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    UNFULFILLED = "unfulfilled"
    REFUNDED = "refunded"
    PAUSED = "paused"


FIRST = Status.PROCESSING
HARD_ENDS = frozenset({Status.COMPLETED, Status.FAILED, Status.EXPIRED, Status.REFUNDED})
SOFT_ENDS = frozenset({Status.UNFULFILLED})
"""Orchestra stops working on the order, but a late deposit resumes it."""

PROGRESS = frozenset({Status.PROCESSING, Status.CONFIRMING, Status.BRIDGING, Status.SWAPPING, Status.DELIVERING})
"""Orchestra works on the order and needs nobody; a happy path passes through these, often within seconds."""

SILENT = frozenset({Status.EXPIRED, Status.PAUSED})
"""No webhook announces these: only a status read shows them."""

_S = Status
PUBLIC_EDGES: dict[Status, frozenset[Status]] = {
    _S.PROCESSING: frozenset(
        {
            _S.CONFIRMING,
            _S.BRIDGING,
            _S.SWAPPING,
            _S.AWAITING_APPROVAL,
            _S.REFUNDING,
            _S.DELIVERING,
            _S.COMPLETED,
            _S.FAILED,
            _S.UNFULFILLED,
            _S.REFUNDED,
        }
    ),
    _S.CONFIRMING: frozenset(
        {_S.BRIDGING, _S.SWAPPING, _S.REFUNDING, _S.DELIVERING, _S.COMPLETED, _S.FAILED, _S.REFUNDED}
    ),
    _S.BRIDGING: frozenset({_S.SWAPPING, _S.DELIVERING, _S.COMPLETED, _S.FAILED, _S.REFUNDED}),
    _S.SWAPPING: frozenset(
        {_S.AWAITING_APPROVAL, _S.REFUNDING, _S.BRIDGING, _S.DELIVERING, _S.COMPLETED, _S.FAILED, _S.REFUNDED}
    ),
    _S.AWAITING_APPROVAL: frozenset({_S.PROCESSING, _S.CONFIRMING, _S.SWAPPING, _S.REFUNDING, _S.FAILED, _S.REFUNDED}),
    _S.REFUNDING: frozenset({_S.REFUNDED, _S.FAILED}),
    _S.DELIVERING: frozenset({_S.CONFIRMING, _S.REFUNDING, _S.COMPLETED, _S.FAILED, _S.REFUNDED}),
    _S.UNFULFILLED: frozenset({_S.CONFIRMING, _S.BRIDGING, _S.SWAPPING, _S.DELIVERING, _S.COMPLETED}),
    _S.COMPLETED: frozenset(),
    _S.FAILED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.REFUNDED: frozenset(),
}
"""The 47 transitions of the public table."""

SILENT_EDGES: dict[Status, frozenset[Status]] = {
    _S.PROCESSING: frozenset({_S.PAUSED, _S.EXPIRED}),
    _S.CONFIRMING: frozenset({_S.PAUSED, _S.EXPIRED}),
    _S.BRIDGING: frozenset({_S.PAUSED}),
    _S.SWAPPING: frozenset({_S.PAUSED}),
    _S.AWAITING_APPROVAL: frozenset({_S.PAUSED}),
    _S.REFUNDING: frozenset({_S.PAUSED}),
    _S.DELIVERING: frozenset({_S.PAUSED}),
    _S.PAUSED: frozenset({_S.PROCESSING, _S.FAILED}),
}
"""Transitions that happen without a webhook."""

EVENTS: dict[str, Status] = {f"order.{status}": status for status in Status if status not in SILENT}
"""Webhook event name to the status that it announces."""

LEGACY_EVENTS: dict[str, Status] = {"order.expired": Status.EXPIRED}
"""Sent by older accounts only."""

INFORMATION_EVENTS = frozenset({"order.superseded", "order.recovery_required"})
"""Events about an order that announce no status of their own."""


def known(status: str) -> Status | None:
    """Return the status of that name, or None for a status that this version does not know."""
    try:
        return Status(status)
    except ValueError:
        return None


def public(status: str) -> str:
    """Return a status as the public API shows it: `paused` becomes `processing`, an unknown status stays as it is."""
    return Status.PROCESSING.value if status == Status.PAUSED else status


def is_hard_end(status: str | None) -> bool:
    """Whether no other status can follow this one."""
    return status is not None and known(status) in HARD_ENDS


def is_soft_end(status: str | None) -> bool:
    """Whether Orchestra stopped working on the order, but a late deposit may resume it."""
    return status is not None and known(status) in SOFT_ENDS


def may_follow(before: str | None, after: str) -> bool:
    """Whether the public API may show the status `after` next, when it showed `before` last.

    The public API shows a pause as `processing`. So `processing` may follow every status that can pause, and whatever
    follows a pause may follow that. An unknown status on either side is allowed: it is new, not an error.
    """
    if before is None:
        return known(after) in (None, FIRST)
    old, new = known(before), known(after)
    if old is None or new is None or old == new:
        return True
    edges = PUBLIC_EDGES.get(old, frozenset()) | SILENT_EDGES.get(old, frozenset())
    return new in edges or (new is Status.PROCESSING and Status.PAUSED in edges)
