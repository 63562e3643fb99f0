"""What a scrape reads of the ledger, as rows without SQL."""

from datetime import datetime
from typing import NamedTuple


class OpenGroup(NamedTuple):
    """The open orders of an account in a phase and a status.

    Attributes:
        account: The partner account.
        phase: Their phase.
        status: Their status; None before Orchestra has an order.
        number: How many there are.
        unchanged_since: When the one changed that has not changed for longest.
    """

    account: str
    phase: str
    status: str | None
    number: int
    unchanged_since: datetime


class LateGroup(NamedTuple):
    """The open orders of an account in a phase whose wait should have ended."""

    account: str
    phase: str
    number: int


class AttentionGroup(NamedTuple):
    """The orders of an account that need a person for a reason, and since when the first of them does."""

    account: str
    reason: str
    number: int
    since: datetime | None


class HeldGroup(NamedTuple):
    """The orders of an account that wait behind a hold."""

    account: str
    number: int


class EndpointBacklog(NamedTuple):
    """The orders with events that an endpoint has not accepted, and when the oldest of these events was written."""

    endpoint: str
    number: int
    oldest: datetime | None


class EventGroup(NamedTuple):
    """The events of an account that have a type; `outcome` is that of the order where the event is its end."""

    account: str
    type: str
    outcome: str | None
    number: int


class LedgerGauges(NamedTuple):
    """Everything that a scrape reads."""

    open: list[OpenGroup]
    late: list[LateGroup]
    attention: list[AttentionGroup]
    held: list[HeldGroup]
    backlogs: list[EndpointBacklog]
    disabled: list[str]
    """Endpoints that are disabled."""
    events: list[EventGroup]
    """Those after the number that the caller gave."""
    newest: int
    """The number of the newest event that was counted."""
