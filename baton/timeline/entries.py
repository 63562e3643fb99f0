"""One entry of an order's timeline."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from baton.encoding.units import in_words


class EntryKind(StrEnum):
    """What happened."""

    PLACED = "placed"
    QUOTE = "quote"
    STATUS = "status"
    WEBHOOK = "webhook"
    """A webhook of Orchestra came in."""
    DEPOSIT = "deposit"
    """A deposit was seen on its chain."""
    CALL = "call"
    """A call of Orchestra, as the workflow made it: quotes, polls, submits, answers."""
    UPDATE = "update"
    """Somebody did something to the order: a report, a decision, a refresh, a cancellation."""
    ATTENTION = "attention"
    RESOLVED = "resolved"
    DECISION = "decision"
    """A decision was wanted of the business, or taken."""
    NOTIFICATION = "notification"
    """An endpoint of the business was notified."""
    LEDGER = "ledger"
    """The order was written to the ledger."""
    END = "end"


class TimelineEntry(BaseModel):
    """One thing that happened to an order.

    Attributes:
        at: When.
        kind: What.
        what: What happened, in some words.
        detail: More about it; empty if there is none.
        source: Who did it or said it: `orchestra`, `chain`, `baton`, `business`, an endpoint, or the name of a token.
        chain: The chain of the transaction.
        tx_id: A transaction that it is about.
        endpoint: The endpoint that was notified.
        event_id: The event that it was notified of.
        is_bad: Whether it failed, or needs a person.
    """

    at: datetime
    kind: EntryKind
    what: str
    detail: str = ""
    source: str = ""
    chain: str | None = None
    tx_id: str | None = None
    endpoint: str | None = None
    event_id: str | None = None
    is_bad: bool = False


class OrderStory(BaseModel):
    """An order's timeline, oldest first.

    Attributes:
        entries: What happened.
        missing: What could not be read, one sentence each; the entries of it are missing.
    """

    entries: list[TimelineEntry]
    missing: list[str] = []


def spoken(name: str) -> str:
    """Return an identifier such as `report_deposit` as words."""
    return name.replace("_", " ")


def amount_text(amount: int | None, asset: str, decimals: int | None) -> str:
    """Return an amount for people; empty if there is none."""
    if amount is None:
        return ""
    return in_words(amount, asset, decimals).partition(" (")[0] if decimals is not None else f"{amount} of {asset}"
