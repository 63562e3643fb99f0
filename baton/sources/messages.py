"""The inputs and results of the activities, updates and signals of addresses and links."""

from datetime import timedelta

from pydantic import BaseModel, Field

from baton.encoding.amounts import Time
from baton.sources.at_orchestra import SourceAtOrchestra
from baton.sources.create_source import SourceRequest


class CreateSourceCall(BaseModel):
    """Create an address or a link at Orchestra under this idempotency key."""

    account: str
    type: str
    reference: str
    key: str
    request: SourceRequest
    enables: bool = False
    """It exists and is disabled: enable it, and do not create it."""
    first: bool = False
    """No attempt was made before, under this key or an earlier one of this run: a refused access proves that nothing
    exists at Orchestra."""


class DisableSourceCall(BaseModel):
    """Disable an address or a link at Orchestra under this idempotency key."""

    account: str
    type: str
    orchestra_id: str
    key: str


class DisableSource(BaseModel):
    """Argument of the `disable` update: why the business disables an address or a link."""

    reason: str = Field(default="disabled by the business", min_length=1, max_length=500)


class SourceRecorded(BaseModel):
    """What the ledger said when a source was written.

    Attributes:
        held: The references of other sources, not disabled, that have its deposit addresses, by chain.
    """

    held: dict[str, str] = {}


class SourceSeen(BaseModel):
    """An address or a link as a planned read found it at Orchestra; without `shown`, Orchestra does not know it."""

    read_at: Time
    shown: SourceAtOrchestra | None = None


class ReadPlace(BaseModel):
    """How far a planned read of orders has come; it continues behind this place.

    It reads the orders of each recipient first, then the deposits of each standing address.
    """

    of_recipients: bool = True
    """Whether it is at the recipients."""
    after: str = ""
    """The last recipient that is done, or the reference of the last standing address."""
    offset: int = 0
    """How many deposits of the next standing address are done, newest first."""


class OrdersFound(BaseModel):
    """What a planned read of orders did so far, and where it continues."""

    place: ReadPlace | None = None
    """None once everything is read."""
    calls: int = 0
    """How many calls it made to Orchestra."""
    started: int = 0
    """How many orders were found that nothing had reported."""
    unread: int = 0
    """How many lists and orders Orchestra gave no readable answer about."""


class FindOrders(BaseModel):
    """Find the orders of an account's addresses and links that nothing reported, and start to track them."""

    account: str
    pause: timedelta
    """Between two calls to Orchestra."""
    found: OrdersFound
    """What was done so far."""
    calls: int = 500
    """About how many calls to make before the place is returned."""


class SourcesRead(BaseModel):
    """What a planned read did."""

    read: int = 0
    """How many addresses and links were compared."""
    signalled: int = 0
    """How many of them differ, or agree again, and got a signal."""
    unread: int = 0
    """How many Orchestra gave no readable answer about."""
    after: str | None = None
    """The workflow id of the last one that was compared; None once all are."""
    orders: OrdersFound | None = None
    """The orders of addresses and links that were found; None from a version that did not look for them."""


class ReadSources(BaseModel):
    """Read an account's addresses and links at Orchestra, and signal those that differ.

    `read` is what was compared so far; `found` is filled when a run continues as a new one.
    """

    account: str
    pause: timedelta = timedelta(seconds=1)
    """Between two calls to Orchestra, so that the reads of orders keep most of the account's budget."""
    read: SourcesRead | None = None
    found: OrdersFound = OrdersFound(place=ReadPlace())
