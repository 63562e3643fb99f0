"""A bulk as it stands, and what an app asks the workers about bulks. Pure, and light: an app loads it."""

import uuid
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from baton.bulk.messages import BulkProgress
from baton.bulk.request import BulkAct, BulkRequest
from baton.ledger.bulk_rows import BulkOrderRow, BulkState

CALL_BULK = "call_bulk"
"""The activity that answers an app."""

SAMPLE = 20
"""Orders that an answer shows of those that were chosen."""

PAGE = 200
"""Results of one answer."""


class BulkStatus(BaseModel):
    """A bulk as it stands."""

    id: str
    act: BulkAct
    by: str
    created_at: datetime
    orders: int
    progress: BulkProgress
    running: bool
    request: BulkRequest

    @property
    def stopped(self) -> bool:
        """Whether orders are left that nobody continues with."""
        return not self.running and bool(self.progress.waiting)


class ChosenForBulk(BaseModel):
    """How many orders a bulk touches, or would touch, and the newest of them; `bulk` is None after a dry run.

    Attributes:
        orders: How many they are.
        sample: The newest of them, as `account/reference`.
        bulk: The bulk; None if nothing is done.
    """

    orders: int
    sample: list[str]
    bulk: BulkStatus | None = None


class BulkStep(StrEnum):
    """What an app asks for."""

    START = "start"
    SHOW = "show"
    STOP = "stop"
    RESUME = "resume"
    LIST = "list"
    RESULTS = "results"


class BulkCall(BaseModel):
    """One question of an app; which fields it needs depends on the step."""

    step: BulkStep
    id: str = ""
    """The bulk. A new one is named by the app, so that a repeated call starts it once."""
    request: BulkRequest | None = None
    by: str | None = None
    dry_run: bool = False
    states: list[BulkState] = []
    after: int = -1
    limit: int = Field(default=20, ge=1, le=100)


class BulkReply(BaseModel):
    """The answer to a call, in the field of its step."""

    chosen: ChosenForBulk | None = None
    bulks: list[BulkStatus] = []
    results: list[BulkOrderRow] = []


def new_bulk_id() -> str:
    """Return the id of a new bulk."""
    return f"bulk_{uuid.uuid4().hex[:12]}"
