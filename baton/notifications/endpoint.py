"""An endpoint of a business app: where notifications go, which it wants, and what signs them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from baton.ledger.notification_rows import EndpointRow, StoredSecret
from baton.ledger.rows import EventRow
from baton.notifications.signing import SecretMalformed, key_of
from baton.settings import ACCOUNT_NAME

NOTIFY_ORDER = "notify_order"
"""The activity that sends the events of one order to one endpoint."""

_EVENT_TYPE = re.compile(r"^[a-z]+\.(\*|[a-z_]+)$")


def _secret(value: SecretStr) -> SecretStr:
    try:
        key_of(value.get_secret_value())
    except SecretMalformed as error:
        raise ValueError(str(error)) from None
    return value


def _event_type(value: str) -> str:
    if not _EVENT_TYPE.fullmatch(value):
        raise ValueError(f"{value!r} is no type of event, such as order.completed or order.*")
    return value


class SigningSecret(BaseModel):
    """A secret, and until when it signs; None means without end."""

    secret: Annotated[SecretStr, AfterValidator(_secret)]
    until: datetime | None = None


class AppEndpoint(BaseModel):
    """One endpoint; empty `events` or `accounts` mean all."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(pattern=ACCOUNT_NAME)
    url: str
    events: list[Annotated[str, AfterValidator(_event_type)]] = []
    accounts: list[str] = []
    secrets: list[SigningSecret] = Field(min_length=1)
    origin: Literal["file", "api"] = "api"

    @classmethod
    def of_row(cls, row: EndpointRow) -> Self:
        """Return the endpoint that a row of the ledger holds."""
        secrets = [SigningSecret(secret=SecretStr(each.secret), until=each.until) for each in row.secrets]
        return cls(name=row.name, url=row.url, events=row.events, accounts=row.accounts, secrets=secrets)

    def row(self, by: str, created_at: datetime | None = None) -> EndpointRow:
        """Return the row that the ledger keeps of the endpoint."""
        secrets = [StoredSecret(secret=each.secret.get_secret_value(), until=each.until) for each in self.secrets]
        return EndpointRow(
            name=self.name,
            url=self.url,
            events=self.events,
            accounts=self.accounts,
            secrets=secrets,
            created_at=created_at or datetime.now(UTC),
            created_by=by,
        )

    def wants(self, event: EventRow) -> bool:
        """Whether the endpoint is to be notified of an event."""
        if self.accounts and event.account not in self.accounts:
            return False
        group = f"{event.type.partition('.')[0]}.*"
        return not self.events or event.type in self.events or group in self.events

    def signing(self, now: datetime) -> list[str]:
        """Return the secrets that sign now, the newest first."""
        return [each.secret.get_secret_value() for each in self.secrets if each.until is None or each.until > now]


Endpoints = Mapping[str, AppEndpoint]


class NotifyOrder(BaseModel):
    """Input of the activity: the endpoint, the order's workflow, and the newest event that was known at the start.

    It holds no payload and no secret: the activity reads the events from the ledger. With `event_id` it sends that one
    event again, whatever was sent before.
    """

    endpoint: str
    workflow_id: str
    cursor: int = 0
    event_id: str | None = None


def notify_queue(endpoint: str) -> str:
    """Return the task queue of an endpoint's notifications."""
    return f"baton-notify-{endpoint}"


def notify_job_id(endpoint: str, workflow_id: str) -> str:
    """Return the id of the job that sends an order's events to an endpoint; only one of them runs at a time."""
    return f"notify/{endpoint}/{workflow_id}"
