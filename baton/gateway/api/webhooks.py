"""`/v1/webhooks`: the endpoints at which Orchestra reaches this gateway."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from baton.accounts.webhook_registration import WebhookRegistration, register_webhook
from baton.gateway.api.callers import AccountName, Operator, Parts, Reader
from baton.gateway.api.responses import CONFLICT, REFUSALS, answer
from baton.gateway.api.upstream import orchestra
from baton.orchestra.calls.webhooks import WebhookEndpoint
from baton.temporal_acts import ActRecorder

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], responses=REFUSALS)


class NewWebhook(BaseModel):
    """The URL at which Orchestra reaches the gateway; `replace` drops the older secrets."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=1, max_length=2000)
    replace: bool = False


class RegisteredEndpoints(BaseModel):
    """The endpoints that are registered at Orchestra."""

    webhooks: list[WebhookEndpoint]


@router.get("", response_model=RegisteredEndpoints)
async def list_webhooks(account: AccountName, _: Reader, parts: Parts) -> Response:
    """List the endpoints that are registered at Orchestra."""
    async with orchestra(parts, account) as client:
        return answer(RegisteredEndpoints(webhooks=await client.webhooks()))


@router.post("", response_model=WebhookRegistration, status_code=201, responses=CONFLICT)
async def register(body: NewWebhook, account: AccountName, by: Operator, parts: Parts) -> Response:
    """Register an endpoint and write its secret where the gateway reads it; the secret is in no answer."""
    async with orchestra(parts, account) as client:
        registered = await register_webhook(client, parts.accounts[account], body.url, replace=body.replace)
    await ActRecorder(parts.client, by.name).record("register", "webhook", account, registered.webhook_id, body.url)
    return answer(registered, 201)
