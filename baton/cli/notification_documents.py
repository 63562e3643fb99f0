"""What the commands about endpoints and deliveries print with `--json`."""

from typing import Any

from pydantic import BaseModel

from baton.ledger.notification_rows import AttemptRow
from baton.notifications.admin import EndpointLine


class ListedEndpoints(BaseModel):
    """Output of `endpoint list`."""

    endpoints: list[EndpointLine]


class ShownSecret(BaseModel):
    """Output of `endpoint create` and `endpoint rotate`: the only time that a secret is shown."""

    name: str
    secret: str


class RemovedEndpoint(BaseModel):
    """Output of `endpoint remove`."""

    removed: str


class TestedEndpoint(BaseModel):
    """Output of `endpoint test`: what the endpoint answered."""

    delivered: bool
    status_code: int | None
    detail: str | None
    milliseconds: int


class NewSecret(BaseModel):
    """Output of `endpoint secret`."""

    secret: str


class ListedDeliveries(BaseModel):
    """Output of `deliveries list`, the last attempt first."""

    deliveries: list[AttemptRow]


class ShownDelivery(BaseModel):
    """Output of `deliveries show`: an event as it was sent, and every attempt."""

    event: dict[str, Any]
    attempts: list[AttemptRow]


class Redelivered(BaseModel):
    """Output of `deliveries redeliver`: of how many orders events are sent again."""

    endpoint: str
    orders: int


class RelayedEvent(BaseModel):
    """One line of `listen`: an event, and what the app answered."""

    event: dict[str, Any]
    answer: int | str
