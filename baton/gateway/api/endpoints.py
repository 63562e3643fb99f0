"""`/v1/endpoints`: where events are sent to."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from baton.accounts.tokens import Caller, Verb
from baton.gateway.api.callers import Parts, Reader, caller
from baton.gateway.api.responses import CONFLICT, REFUSALS
from baton.gateway.parts import GatewayParts
from baton.notifications.admin import EndpointAdmin, EndpointLine
from baton.notifications.errors import EndpointUnknown
from baton.settings import ACCOUNT_NAME

router = APIRouter(prefix="/v1/endpoints", tags=["endpoints"], responses=REFUSALS)

Notifier = Annotated[Caller, Depends(caller(Verb.NOTIFY))]
Name = Annotated[str, Path(pattern=ACCOUNT_NAME, description="The endpoint's name.")]
ForAccount = Annotated[
    str | None, Query(pattern=ACCOUNT_NAME, description="Only those that get the events of this partner account.")
]
Filters = Annotated[list[str], Field(max_length=100)]


class NewEndpoint(BaseModel):
    """An endpoint to add; empty `events` or `accounts` mean all that the token covers."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=ACCOUNT_NAME)
    url: str = Field(max_length=2000)
    events: Filters = []
    accounts: Filters = []


class EndpointChange(BaseModel):
    """What to change of an endpoint; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(default=None, max_length=2000)
    events: Filters | None = None
    accounts: Filters | None = None


class Rotation(BaseModel):
    """How a secret is replaced."""

    model_config = ConfigDict(extra="forbid")

    overlap_hours: float = Field(default=24, ge=0, le=720)


class EndpointSecret(BaseModel):
    """The secret that verifies notifications; it is shown only in this response."""

    name: str
    secret: str


class TestDelivery(BaseModel):
    """What an endpoint answered to a test."""

    __test__ = False

    delivered: bool
    milliseconds: int
    status_code: int | None
    detail: str | None


def admin_of(parts: GatewayParts, by: Caller | None = None) -> EndpointAdmin:
    """Return what changes endpoints, under the name of a token."""
    return EndpointAdmin(parts.client, parts.ledger, parts.endpoints, by.name if by else None)


async def visible(parts: GatewayParts, by: Caller, name: str) -> EndpointLine:
    """Return an endpoint, if all its accounts are covered by the token.

    Raises:
        EndpointUnknown: There is none, or none for this token.
    """
    line = await admin_of(parts).show(name)
    if not _covers(by, line):
        raise EndpointUnknown("endpoint", name)
    return line


def _covers(by: Caller, line: EndpointLine) -> bool:
    if not line.accounts:
        return by.own_accounts is None
    return all(by.sees(account) for account in line.accounts)


def _accounts(by: Caller, wanted: list[str]) -> list[str]:
    for account in wanted:
        by.require_account(account)
    return wanted or by.own_accounts or []


@router.get("")
async def list_endpoints(by: Reader, parts: Parts, account: ForAccount = None) -> list[EndpointLine]:
    """Return the endpoints with their health, by name."""
    if account is not None:
        by.require_account(account)
    return [line for line in await admin_of(parts).list() if _covers(by, line) and _serves(line, account)]


def _serves(line: EndpointLine, account: str | None) -> bool:
    """Whether an endpoint gets the events of an account; None stands for any."""
    return account is None or not line.accounts or account in line.accounts


@router.post("", status_code=201, responses=CONFLICT)
async def create_endpoint(new: NewEndpoint, by: Notifier, parts: Parts) -> EndpointSecret:
    """Add an endpoint; it gets the events from now on."""
    accounts = _accounts(by, new.accounts)
    secret = await admin_of(parts, by).create(new.name, new.url, by.name, new.events, accounts)
    return EndpointSecret(name=new.name, secret=secret)


@router.get("/{name}")
async def read_endpoint(name: Name, by: Reader, parts: Parts) -> EndpointLine:
    """Return an endpoint with its health."""
    return await visible(parts, by, name)


@router.patch("/{name}", responses=CONFLICT)
async def update_endpoint(name: Name, change: EndpointChange, by: Notifier, parts: Parts) -> EndpointLine:
    """Change an endpoint's URL, types or accounts."""
    await visible(parts, by, name)
    accounts = None if change.accounts is None else _accounts(by, change.accounts)
    await admin_of(parts, by).update(name, by.name, url=change.url, events=change.events, accounts=accounts)
    return await admin_of(parts).show(name)


@router.delete("/{name}", status_code=204, responses=CONFLICT)
async def remove_endpoint(name: Name, by: Notifier, parts: Parts) -> None:
    """Delete an endpoint; what it has not got is not sent any more."""
    await visible(parts, by, name)
    await admin_of(parts, by).remove(name)


@router.post("/{name}/rotate", responses=CONFLICT)
async def rotate_secret(name: Name, by: Notifier, parts: Parts, how: Rotation | None = None) -> EndpointSecret:
    """Give an endpoint a new secret; the old one signs beside it for the hours of the overlap."""
    await visible(parts, by, name)
    overlap = timedelta(hours=(how or Rotation()).overlap_hours)
    return EndpointSecret(name=name, secret=await admin_of(parts, by).rotate(name, by.name, overlap))


@router.post("/{name}/disable")
async def disable_endpoint(name: Name, by: Notifier, parts: Parts) -> EndpointLine:
    """Stop notifying an endpoint; what happens meanwhile waits for it."""
    await visible(parts, by, name)
    await admin_of(parts, by).disable(name, by.name)
    return await admin_of(parts).show(name)


@router.post("/{name}/enable")
async def enable_endpoint(name: Name, by: Notifier, parts: Parts) -> EndpointLine:
    """Notify an endpoint again, first of all that it missed."""
    await visible(parts, by, name)
    await admin_of(parts, by).enable(name, by.name)
    return await admin_of(parts).show(name)


@router.post("/{name}/test")
async def test_endpoint(name: Name, by: Notifier, parts: Parts) -> TestDelivery:
    """Send an endpoint an event of the type `endpoint.test` at once."""
    await visible(parts, by, name)
    result = await admin_of(parts).test(name)
    return TestDelivery(
        delivered=result.delivered,
        milliseconds=result.milliseconds,
        status_code=result.status_code,
        detail=result.detail,
    )
