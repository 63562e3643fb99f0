"""The order as the business places it: the input of the workflow and of the `place` update."""

from typing import Annotated, Final

from pydantic import BaseModel, Field

from baton.orchestra.models import QuoteRequest
from baton.orchestra.onramp_models import OnrampRequest
from baton.orders.models import OrderPolicy, Payer, Phase
from baton.orders.state import OrderState

SWAP: Final = "swap"
ONRAMP: Final = "onramp"
"""Kind of an order that a payer pays over Lightning: quoted and submitted in one call."""
ADOPTED = "adopted"
"""Kind of an order that was not placed here: it is tracked from the moment we hear of it."""


Request = Annotated[QuoteRequest | OnrampRequest, Field(union_mode="left_to_right")]
"""What is asked of the partner. An onramp's request names no source, so the two never read as each other."""


class PlaceOrder(BaseModel):
    """The order as the business places it: input of the workflow and of the `place` update.

    `state` is only filled when a run continues as a new one.
    """

    account: str
    reference: str
    kind: str = SWAP
    request: Request
    policy: OrderPolicy = OrderPolicy()
    payer: Payer | None = None
    state: OrderState | None = None

    def same_as(self, other: "PlaceOrder") -> bool:
        """Tell whether both ask for the same order, whatever has become of it since."""
        return self.model_copy(update={"state": None}) == other.model_copy(update={"state": None})


def first_phase(order: PlaceOrder) -> Phase:
    """Return the phase in which an order begins: an adopted one needs neither quote nor submit."""
    return Phase.TRACKING if order.kind == ADOPTED else Phase.QUOTING
