"""The state of an address or a link: everything that a run of its workflow knows and shows.

A fact that must survive a continue as new is here and nowhere else.
"""

from enum import StrEnum

from pydantic import BaseModel

from baton.encoding.amounts import Time
from baton.orders.models import Attention, Reason, foremost
from baton.orders.state import Resolved
from baton.sources.at_orchestra import SourceAtOrchestra
from baton.sources.change import SourceChange


class SourcePhase(StrEnum):
    """Where an address or a link stands."""

    CREATING = "creating"
    """Orchestra has not answered yet; it may exist already."""
    ENABLED = "enabled"
    """Deposits and payments become orders."""
    DISABLED = "disabled"
    """No further deposit or payment becomes an order."""
    REFUSED = "refused"
    """Orchestra refused to create it; it never existed, and its reference is free."""


class SourceState(BaseModel):
    """Everything that a run of an address's or a link's workflow knows."""

    phase: SourcePhase = SourcePhase.CREATING
    reason: Reason | None = None
    """Why it was disabled or refused."""
    opened_at: Time
    closed_at: Time | None = None
    created: SourceAtOrchestra | None = None
    """What Orchestra answered when it was created: its terms never change by themselves."""
    create_generation: int = 1
    disable_generation: int = 1
    attentions: dict[str, Attention] = {}
    resolutions: list[Resolved] = []
    accepted: dict[str, str] = {}
    """The messages of resolved reasons, by reason: the same finding is not raised again."""
    change: SourceChange | None = None
    """What the business changed since the creation."""
    observed_at: Time | None = None
    """When Orchestra was last read because of this source."""
    revision: int = 0

    @property
    def attention(self) -> Attention | None:
        """The attention to show where there is room for one."""
        return foremost(self.attentions)

    @property
    def is_closed(self) -> bool:
        """Whether it was disabled or refused."""
        return self.phase in (SourcePhase.DISABLED, SourcePhase.REFUSED)
