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


class SourceSeen(BaseModel):
    """An address or a link as a planned read found it at Orchestra; without `shown`, Orchestra does not know it."""

    read_at: Time
    shown: SourceAtOrchestra | None = None


class ReadSources(BaseModel):
    """Read an account's addresses and links at Orchestra, and signal those that differ."""

    account: str
    pause: timedelta = timedelta(seconds=1)
    """Between two calls to Orchestra, so that the reads of orders keep most of the account's budget."""


class SourcesRead(BaseModel):
    """What a planned read did."""

    read: int = 0
    """How many addresses and links were compared."""
    signalled: int = 0
    """How many of them differ, or agree again, and got a signal."""
    unread: int = 0
    """How many Orchestra gave no readable answer about."""
