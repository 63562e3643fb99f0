"""The rows about endpoints and their notifications, immutable. Without SQL."""

from typing import Literal

from pydantic import Field

from baton.ledger.rows import Row, Time

AttemptOutcome = Literal["delivered", "failed", "given_up"]
"""How an attempt ended: the endpoint accepted it, did not accept it, or Baton stopped trying."""


class StoredSecret(Row):
    """A secret that signs notifications; `until` is when it stops, while its successor signs already."""

    secret: str = Field(repr=False)
    until: Time | None = None


class EndpointRow(Row):
    """An endpoint that was made over the API or by command; empty `events` or `accounts` mean all."""

    name: str
    url: str
    events: list[str] = Field(default_factory=list)
    accounts: list[str] = Field(default_factory=list)
    secrets: list[StoredSecret] = Field(repr=False)
    created_at: Time
    created_by: str


class EndpointState(Row):
    """How far an endpoint is, and whether it works.

    `cursor` is the number of the last event whose notification was planned. `failing_since` is the first failure since
    the last success, whatever the order.
    """

    endpoint: str
    cursor: int
    failing_since: Time | None = None
    last_error: str | None = None
    disabled_at: Time | None = None
    disabled_because: str | None = None


class NotificationRow(Row):
    """How far one order's events are notified to one endpoint.

    The events with numbers above `done` up to `wanted` are to be sent. `due_at` is when an attempt is overdue, so that
    its job is started again; None while nothing is to be sent. `failures` counts those since the last success.
    """

    endpoint: str
    workflow_id: str
    wanted: int
    done: int
    failures: int = 0
    failing_since: Time | None = None
    due_at: Time | None = None
    waking: bool = False
    """Whether the job waits for a later attempt and should make it now."""


class AttemptRow(Row):
    """One attempt to notify an endpoint of an event."""

    id: int | None = None
    endpoint: str
    workflow_id: str
    event_id: str
    event_type: str
    attempted_at: Time
    milliseconds: int = 0
    outcome: AttemptOutcome
    status_code: int | None = None
    detail: str | None = None
