"""Calls that manage the endpoints for webhooks. They need a server key."""

from pydantic import Field

from baton.encoding.amounts import TolerantTime
from baton.orchestra import answers
from baton.orchestra.connection import Connection, path_part
from baton.orchestra.models import KeyedAnswer, Wire


class WebhookEndpoint(Wire):
    """One registered webhook endpoint."""

    id: str
    url: str
    enabled: bool = True
    created_at: TolerantTime = None


class WebhookList(Wire):
    """Answer of `GET /v1/webhooks`."""

    webhooks: list[WebhookEndpoint]


class CreatedWebhook(KeyedAnswer):
    """Answer of `POST /v1/webhooks`, the only one with the endpoint's secret."""

    webhook_id: str
    secret: str = Field(repr=False)


class WebhookCalls(Connection):
    """Register, list and disable webhook endpoints."""

    async def create_webhook(self, url: str, key: str) -> CreatedWebhook:
        """Register an endpoint for webhooks. Only this answer contains its secret."""
        return answers.read(await self._call("POST", "/v1/webhooks", key=key, json={"url": url}), CreatedWebhook)

    async def webhooks(self) -> list[WebhookEndpoint]:
        """Return the registered webhook endpoints."""
        return answers.read(await self._call("GET", "/v1/webhooks"), WebhookList).webhooks

    async def delete_webhook(self, webhook_id: str, key: str) -> None:
        """Disable a webhook endpoint.

        Raises:
            ValueError: `webhook_id` is empty or would change the path.
        """
        path = f"/v1/webhooks/{path_part('webhook_id', webhook_id)}"
        answers.check(await self._call("DELETE", path, key=key))
