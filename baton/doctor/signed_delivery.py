"""A signed test delivery to our own gateway, to find out whether Orchestra's deliveries would be accepted."""

import json
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import BaseModel

from baton.bounded_http import certificates
from baton.gateway.webhooks import PATH, TEST_EVENT
from baton.orchestra.answers import RawAnswer, read_envelope
from baton.orchestra.webhooks import signed_headers

TIMEOUT = 10.0
"""Seconds that the gateway may take; Orchestra's own timeout for a receiver."""
_REMEDIES = {
    "mismatch": "the gateway has other secrets than this command: give it the same settings and restart it",
    "no_secret": "the gateway has no secret for the account: give it the same settings and restart it",
    "unknown_account": "the gateway's settings have no such account, or the path names another",
}


class DeliveryResult(BaseModel):
    """What happened to a delivery signed with one secret. `http_status` is None if nothing answered."""

    secret: int
    """Number of the secret, counted from 1 in the order of the settings."""
    accepted: bool
    http_status: int | None = None
    code: str | None = None
    message: str

    @property
    def reached(self) -> bool:
        """Whether the gateway itself answered."""
        return self.http_status is not None and self.http_status < 500


def webhook_path(account: str) -> str:
    """Return the gateway's path for the account's webhooks."""
    return PATH.format(account=account)


async def send_test_deliveries(url: str, secret_values: Sequence[str]) -> list[DeliveryResult]:
    """Send one test event for each secret; return the results."""
    async with httpx.AsyncClient(verify=certificates(), timeout=TIMEOUT, follow_redirects=False) as http:
        return [await _deliver(http, url, number, secret) for number, secret in enumerate(secret_values, 1)]


async def _deliver(http: httpx.AsyncClient, url: str, number: int, secret: str) -> DeliveryResult:
    body = json.dumps(_event()).encode()
    headers = signed_headers(secret, int(time.time() * 1000), body) | {"Content-Type": "application/json"}
    try:
        reply = await http.post(url, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = f"the gateway at {url} cannot be reached ({type(error).__name__}); is `baton gateway` running?"
        return DeliveryResult(secret=number, accepted=False, code="gateway_unreachable", message=why)
    if reply.is_success:
        return DeliveryResult(secret=number, accepted=True, http_status=reply.status_code, message="accepted")
    return _refused(number, reply)


def _refused(number: int, reply: httpx.Response) -> DeliveryResult:
    error = read_envelope(RawAnswer("the delivery", reply.status_code, reply.headers, reply.content))
    message = "; ".join(part for part in (error.message, _REMEDIES.get(error.code)) if part)
    return DeliveryResult(
        secret=number, accepted=False, http_status=reply.status_code, code=error.code, message=message
    )


def _event() -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {
        "event": TEST_EVENT,
        "timestamp": now,
        "data": {"id": f"test_{secrets.token_hex(8)}", "type": "test", "status": "test", "updatedAt": now},
    }
