"""The rows of the record of acts, immutable. Without SQL."""

from typing import Literal

from pydantic import Field

from baton.ledger.rows import Row, Time

ActOutcome = Literal["done", "refused", "unanswered"]
"""How an act ended: it was done, it was refused, or nobody answered in time, so that it may still be done."""


class ActRow(Row):
    """What somebody did to an order or to anything else that Baton keeps, over whichever way.

    `id` is the same whenever the row is written. `kind` and `reference` name what it was done to. `note` is why, in the
    words of whoever did it; `detail` why it was refused. `bulk` is the bulk that it was a part of.
    """

    id: str = Field(max_length=200)
    at: Time
    by: str
    act: str
    kind: str
    account: str | None = None
    reference: str | None = None
    note: str | None = None
    outcome: ActOutcome = "done"
    detail: str | None = None
    bulk: str | None = None
