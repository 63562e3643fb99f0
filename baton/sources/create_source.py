"""An address or a link as the business creates it: the input of its workflow and of the `create` update."""

from typing import Annotated, Final

from pydantic import BaseModel, Field

from baton.orchestra.address_models import AccumulationRequest, LiquidationRequest, StandingRequest
from baton.orchestra.pay_link_models import PayLinkRequest
from baton.orders.models import OrderPolicy
from baton.orders.order_source import OrderSource, SourceKind
from baton.sources.change import SourceChange
from baton.sources.state import SourceState

ACCUMULATION: Final = "accumulation"
"""Type of an address whose deposits from one chain are delivered to Spark."""

LIQUIDATION: Final = "liquidation"
"""Type of a Bitcoin address whose deposits are delivered as another asset."""

STANDING: Final = "standing"
"""Type of an address on many chains under the business's own reference."""

PAYLINK = "paylink"
"""Type of every pay link."""

ADDRESS_TYPES = (ACCUMULATION, LIQUIDATION, STANDING)

SourceRequest = Annotated[
    AccumulationRequest | LiquidationRequest | StandingRequest | PayLinkRequest, Field(union_mode="left_to_right")
]
"""The request to Orchestra. The required fields of each differ, so none parses as another."""

_TYPES: dict[type[BaseModel], str] = {
    AccumulationRequest: ACCUMULATION,
    LiquidationRequest: LIQUIDATION,
    StandingRequest: STANDING,
    PayLinkRequest: PAYLINK,
}


EDITION = 2
"""The edition of the workflow's code with which addresses and links start now; an older one keeps its first edition.

1. The idempotency keys of one that is created again name its run by the time in the run's id.
2. They name it by the random part.
"""


class CreateSource(BaseModel):
    """An address or a link as the business creates it.

    `state` is filled when a run continues as a new one; `edition` when the workflow starts.
    """

    account: str
    kind: SourceKind = SourceKind.ADDRESS
    reference: str
    request: SourceRequest
    label: str | None = None
    """The business's label; Orchestra has it too, where it keeps labels."""
    metadata: dict[str, str] = {}
    """What the business attaches; every order that comes of the source carries it."""
    policy: OrderPolicy = OrderPolicy()
    """The policy of the orders that come of it."""
    state: SourceState | None = None
    edition: int = 1
    again: bool = False
    """An earlier run has used up its idempotency keys: the reference was refused before, or it was disabled."""
    enables: bool = False
    """It exists at Orchestra and was disabled: it is enabled there, and not created."""

    @property
    def type(self) -> str:
        """`accumulation`, `liquidation` or `standing`, or the kind where there is only one type."""
        return _TYPES.get(type(self.request), self.kind.value)

    @property
    def route(self) -> str:
        """What is paid and delivered, such as `base:USDC>spark:BTC`; a star stands for any chain and asset."""
        return route_of(self.request)

    @property
    def source(self) -> OrderSource:
        """The source that its orders name."""
        return OrderSource(kind=self.kind, reference=self.reference, label=self.label, metadata=self.metadata)

    def same_as(self, other: "CreateSource") -> bool:
        """Whether both create the same, regardless of the state, the edition and what was before."""
        bare = {"state": None, "edition": 1, "again": False, "enables": False}
        return self.model_copy(update=bare) == other.model_copy(update=bare)

    def changed_by(self, change: SourceChange | None) -> "CreateSource":
        """Return it as it is after a change."""
        return self.model_copy(update=change.given) if change else self


def route_of(request: SourceRequest) -> str:
    """Return the route of a request as one keyword."""
    if isinstance(request, AccumulationRequest):
        return f"{request.source_chain}:{request.source_asset}>spark:{request.destination_asset}"
    if isinstance(request, LiquidationRequest):
        return f"bitcoin:BTC>{request.destination_chain}:{request.destination_asset}"
    if isinstance(request, PayLinkRequest):
        return f"lightning:BTC>{request.destination_chain}:{request.destination_asset}"
    return f"*>{request.destination.chain}:{request.destination.asset}"
