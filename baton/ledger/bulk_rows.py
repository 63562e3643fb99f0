"""The rows of acts in bulk, immutable. Without SQL."""

from enum import StrEnum

from baton.ledger.rows import Document, Row, Time


class BulkState(StrEnum):
    """How far a bulk is with one order."""

    WAITING = "waiting"
    BEGUN = "begun"
    """It is its turn; if the worker was lost meanwhile, the act may have been done."""
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    """Nobody answered in time, so that it may still be done."""


ENDED = (BulkState.DONE, BulkState.REFUSED, BulkState.FAILED)
"""States of orders with which a bulk has nothing left to do."""


class BulkRow(Row):
    """An act in bulk as it was requested; `accounts` are those of its orders, `orders` is how many they are.

    `stopped_at` is when somebody stopped it; None while it may go on.
    """

    id: str
    created_at: Time
    by: str
    request: Document
    accounts: list[str]
    orders: int
    stopped_at: Time | None = None


class BulkOrderRow(Row):
    """One order of a bulk, and what became of the act: the code and the words of a refusal or a failure."""

    bulk: str
    position: int
    workflow_id: str
    account: str
    reference: str
    state: BulkState = BulkState.WAITING
    code: str | None = None
    message: str | None = None
    at: Time | None = None
