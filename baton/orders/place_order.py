"""The order as the business places it: the input of the workflow and of the `place` update."""

from typing import Annotated, Final

from pydantic import BaseModel, Field

from baton.orchestra.models import QuoteRequest
from baton.orchestra.offramp_models import OfframpRequest
from baton.orchestra.onramp_models import OnrampRequest
from baton.orders.models import OrderPolicy, Payer, Phase
from baton.orders.order_source import OrderSource
from baton.orders.state import OrderState

SWAP: Final = "swap"
ONRAMP: Final = "onramp"
"""Kind of an order that a payer pays over Lightning: quoted and submitted in one call."""
OFFRAMP: Final = "offramp"
"""Kind of an order that pays a Cash App name or a Lightning address; otherwise it goes the way of a swap."""
BY_DEPOSIT = frozenset({SWAP, OFFRAMP})
"""Kinds of orders whose quote has an address that a deposit is submitted for."""
ADOPTED = "adopted"
"""Kind of an order that Baton did not place: it is tracked from its first webhook on."""


Request = Annotated[QuoteRequest | OnrampRequest | OfframpRequest, Field(union_mode="left_to_right")]
"""The request to Orchestra. A quote's names both ends, an onramp's no source and an off-ramp's no destination, so none
parses as one that stands before it."""


EDITION = 9
"""The edition of the workflow's code with which orders start now. An older order keeps its first edition, so that its
history replays; unlike `workflow.patched`, an edition costs no events.

1. Calls to Orchestra are activities.
2. Quote, onramp and submit are tried first as local activities.
3. The search attributes follow the status, not only the phase and the attention.
4. The workflow writes only those rows of the read model that must not be lost; the worker writes the others.
5. That an order is tracked is listed with its first status that stands: most orders end before that.
6. Orders that were placed together poll at different moments.
7. The idempotency keys of an order that is placed again name its run by the random part of the run's id.
8. The search attributes follow the reasons for attention, and whom the order waits for.
9. The order continues while a row of the read model is written.
"""


class PlaceOrder(BaseModel):
    """An order as the business places it.

    `state` is filled when a run continues as a new one, and for follow-up orders; `edition` when the workflow starts.
    """

    account: str
    reference: str
    kind: str = SWAP
    request: Request
    policy: OrderPolicy = OrderPolicy()
    payer: Payer | None = None
    metadata: dict[str, str] = {}
    """What the business attached to it."""
    placed_by: str | None = None
    """Who placed it, by the name of the API token."""
    source: OrderSource | None = None
    """What the order came of; None if the business placed it."""
    state: OrderState | None = None
    edition: int = 1
    amount_decimals: int | None = None
    """The decimals by which the business's whole units became the request's smallest ones; None if it wrote smallest
    units. An order is refused if Orchestra's routes state others."""
    again: bool = False
    """The reference was placed before and refused. The idempotency keys of that run are used up: Orchestra would repeat
    its refusal under them, or refuse another request."""

    @property
    def calls_locally(self) -> bool:
        """Whether calls that a payer waits for are tried first in the worker that runs the workflow."""
        return self.edition >= 2

    @property
    def lists_status(self) -> bool:
        """Whether the search attributes follow the status."""
        return self.edition >= 3

    @property
    def shows_beside_history(self) -> bool:
        """Whether the worker writes the rows of the read model that may be lost, without an event."""
        return self.edition >= 4

    @property
    def lists_tracking_lazily(self) -> bool:
        """Whether the search attributes say that an order is tracked only once its status stands."""
        return self.edition >= 5

    @property
    def spreads_polls(self) -> bool:
        """Whether the order has a share of the spread of its wait plans."""
        return self.edition >= 6

    @property
    def names_run_by_time(self) -> bool:
        """Whether the keys of an order that is placed again name its run by the time in the run's id."""
        return self.edition < 7

    @property
    def lists_reasons(self) -> bool:
        """Whether the search attributes follow the reasons for attention, and whom the order waits for."""
        return self.edition >= 8

    @property
    def records_in_background(self) -> bool:
        """Whether the order continues while a row of the read model is written."""
        return self.edition >= 9

    def same_as(self, other: "PlaceOrder") -> bool:
        """Whether both place the same order, regardless of its state, its edition, and by whom and how often."""
        bare = {"state": None, "edition": 1, "again": False, "amount_decimals": None, "placed_by": None}
        return self.model_copy(update=bare) == other.model_copy(update=bare)


def first_phase(order: PlaceOrder) -> Phase:
    """Return the first phase of an order; an adopted one needs neither quote nor submit."""
    return Phase.TRACKING if order.kind == ADOPTED else Phase.QUOTING
