"""The names of the signals to an order, by which its timeline in the Temporal UI says what happened. Pure.

A closed set: a name never holds an id or a value from outside. What a signal carries is in its payload, and its handler
reads only that; `observe` and `notice_deposit` are understood too, as older versions send them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from baton.chains.deposits import DepositState
from baton.orchestra.lifecycle import INFORMATION_EVENTS, Status
from baton.orders.seen_deposits import DepositNotice

_ORDER, _CHAIN = "order.", "chain."
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
UNKNOWN_STATUS = f"{_ORDER}unknown_status"
"""A webhook with a status that this version does not know."""

ORDER_SIGNALS = frozenset({*(f"{_ORDER}{status}" for status in Status), *INFORMATION_EVENTS, UNKNOWN_STATUS})
"""Signals that carry observations, as `observe` does."""

DEPOSIT_SIGNALS = {state: f"{_CHAIN}deposit_{state}" for state in DepositState}
"""Signals that carry notices of a deposit, as `notice_deposit` does, by the state in which the chain has it."""


def carries_observations(name: str) -> bool:
    """Whether a signal of this name carries observations."""
    return name.startswith(_ORDER)


def carries_notices(name: str) -> bool:
    """Whether a signal of this name carries notices of deposits."""
    return name.startswith(_CHAIN)


def order_signal(envelopes: Sequence[dict[str, Any]]) -> str:
    """Return the name of the signal with these envelopes: the newest status, or the event where it is no status."""
    newest = max(reversed(envelopes), key=_changed_at)
    event = newest.get("event")
    if event in INFORMATION_EVENTS:
        return str(event)
    name = f"{_ORDER}{newest['record'].get('status')}"
    return name if name in ORDER_SIGNALS else UNKNOWN_STATUS


def deposit_signal(notice: DepositNotice) -> str:
    """Return the name of the signal with this notice."""
    return DEPOSIT_SIGNALS[notice.deposit.state]


def _changed_at(envelope: dict[str, Any]) -> datetime:
    """Return when the order changed, in UTC; the earliest time where the envelope does not say."""
    changed = envelope["record"].get("updatedAt")
    return datetime.fromisoformat(changed).astimezone(UTC) if changed else _LONG_AGO
