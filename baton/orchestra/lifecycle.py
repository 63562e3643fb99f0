"""The published life of an Orchestra order: statuses, events and the moves between them. Pure data and predicates.

Source of every rule here: the partner API's state-transition table and its order-lifecycle page, second generation
(47 public edges, plus the first row that leads from nothing to `processing`).
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
"""Automation stops at a soft end, but a late deposit resumes the order."""

SILENT = frozenset({Status.EXPIRED, Status.PAUSED})
"""No webhook tells of these: only a status read does."""

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
"""The 47 edges that the public table prints."""

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
"""Moves that happen without a webhook."""

EVENTS: dict[str, Status] = {f"order.{status}": status for status in Status if status not in SILENT}
"""Webhook event name to the status it announces."""

LEGACY_EVENTS: dict[str, Status] = {"order.expired": Status.EXPIRED}
"""Sent by older accounts only."""

INFORMATION_EVENTS = frozenset({"order.superseded", "order.recovery_required"})
"""Events that tell something about an order without announcing a status of their own."""


def known(status: str) -> Status | None:
    """Return the status of that name, or None for one that this version does not know."""
    try:
        return Status(status)
    except ValueError:
        return None


def public(status: str) -> str:
    """Return the status as the public API shows it: a paused order reads as `processing`; unknown ones stay."""
    return Status.PROCESSING.value if status == Status.PAUSED else status


def is_hard_end(status: str | None) -> bool:
    """Tell whether nothing can follow this status."""
    return status is not None and known(status) in HARD_ENDS


def is_soft_end(status: str | None) -> bool:
    """Tell whether automation stopped here but a late deposit may resume the order."""
    return status is not None and known(status) in SOFT_ENDS


def may_follow(before: str | None, after: str) -> bool:
    """Tell whether an order seen at `before` may be seen at `after` next, as the public API shows statuses.

    A pause hides behind `processing`, so every status that can pause may also be followed by `processing`, and what
    can follow a pause may follow that. An unknown status on either side is never forbidden: it is news, not an error.
    """
    if before is None:
        return known(after) in (None, FIRST)
    left, right = known(before), known(after)
    if left is None or right is None or left == right:
        return True
    edges = PUBLIC_EDGES.get(left, frozenset()) | SILENT_EDGES.get(left, frozenset())
    return right in edges or (right is Status.PROCESSING and Status.PAUSED in edges)
