"""What an address or a link answers: its snapshot and its result. They travel through Temporal, and only grow."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from baton.orders.models import Attention, OrderPolicy, Reason
from baton.orders.order_source import SourceKind
from baton.orders.state import Resolved
from baton.sources.at_orchestra import SourceAtOrchestra
from baton.sources.state import SourcePhase


class SourceSnapshot(BaseModel):
    """Everything known about one address or link: answer of its updates, of the `source` query and of the client."""

    workflow_id: str
    account: str
    kind: SourceKind
    reference: str
    type: str
    """`accumulation`, `liquidation` or `standing` for addresses."""
    request: dict[str, Any]
    """The request to Orchestra, under the partner API's names."""
    label: str | None = None
    metadata: dict[str, str] = {}
    policy: OrderPolicy = OrderPolicy()
    route: str
    """What is paid and delivered, such as `base:USDC>spark:BTC`."""
    phase: SourcePhase
    reason: Reason | None = None
    created: SourceAtOrchestra | None = None
    """What Orchestra answered when it was created: fees and slippage are fixed since then."""
    attention: Attention | None = None
    """The attention to show where there is room for one; `attentions` has all."""
    attentions: list[Attention] = []
    resolutions: list[Resolved] = []
    accepted: dict[str, str] = {}
    """The findings of planned reads that a person resolved, by reason: they are not raised again."""
    revision: int
    opened_at: datetime
    closed_at: datetime | None = None
    observed_at: datetime | None = None

    @property
    def enabled(self) -> bool:
        """Whether deposits and payments become orders."""
        return self.phase is SourcePhase.ENABLED

    @property
    def addresses(self) -> dict[str, str]:
        """The addresses to pay, by chain."""
        return self.created.addresses if self.created else {}


class SourceResult(BaseModel):
    """Result of an address's or a link's workflow: it was disabled, or refused."""

    phase: SourcePhase
    reason: Reason | None = None
    snapshot: SourceSnapshot
