"""How an order of Orchestra comes to be followed on request: the request and its answer."""

from enum import StrEnum

from pydantic import BaseModel, Field, computed_field

from baton.orchestra.models import MAX_ID

ORDER_NOT_AT_ORCHESTRA = "order_not_at_orchestra"


class AdoptOrder(BaseModel):
    """Follow the order with this id of Orchestra's, unless a workflow does."""

    account: str
    order_id: str = Field(min_length=1, max_length=MAX_ID)


class AdoptionEnd(StrEnum):
    """What became of a request to follow an order."""

    STARTED = "started"
    """A workflow follows it from now on."""
    FOLLOWED = "followed"
    """A workflow followed it before."""
    ENDED = "ended"
    """A workflow followed it to its end, after which nothing has changed at Orchestra."""


class Adoption(BaseModel):
    """The answer: which workflow follows, or followed, the order."""

    end: AdoptionEnd
    account: str
    order_id: str
    workflow_id: str
    status: str
    """The order's status at Orchestra."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reference(self) -> str:
        """The reference of the order in Baton."""
        return self.workflow_id.split("/", 2)[2]
