"""Values of labels that come from outside, bounded: an unknown status or reason becomes `other`. Pure."""

from baton.orchestra.lifecycle import Status
from baton.orders.models import Outcome
from baton.orders.rules.attention import AttentionReason

OTHER = "other"
NONE = "none"
"""The status of an order of which Orchestra knows nothing yet."""

_STATUSES = frozenset(Status)
_OUTCOMES = frozenset(Outcome)
_REASONS = frozenset(AttentionReason)
_EVENTS = frozenset(
    {
        "order.placed",
        "order.requoted",
        "order.attention_raised",
        "order.attention_cleared",
        "order.decision_wanted",
        "order.closed",
        "order.stopped",
        *(f"order.{status}" for status in Status),
    }
)


def status_label(status: str | None) -> str:
    """Return the label of a status."""
    return _bounded(status, _STATUSES) if status is not None else NONE


def outcome_label(outcome: str) -> str:
    """Return the label of an outcome."""
    return _bounded(outcome, _OUTCOMES)


def reason_label(reason: str) -> str:
    """Return the label of a reason for attention; Orchestra's own code of a refused deposit is `refused_deposit`."""
    return reason if reason in _REASONS else "refused_deposit"


def event_label(kind: str) -> str:
    """Return the label of an event's type."""
    return _bounded(kind, _EVENTS)


def _bounded(value: str, known: frozenset[str]) -> str:
    return str(value) if value in known else OTHER
