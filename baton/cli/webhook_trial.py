"""A harmless signed delivery to our own gateway, to find out whether Orchestra's would get in."""

import json
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import BaseModel

from baton.gateway.webhooks import PATH, TEST_EVENT
from baton.local.stack.state import read_state
from baton.orchestra.answers import RawAnswer, read_envelope
from baton.orchestra.webhooks import signed_headers
from baton.settings import Settings

PATIENCE = 10.0
"""Seconds that the gateway may take; Orchestra's own patience with a receiver."""
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - looked up, not bound
_REMEDIES = {
    "mismatch": "the gateway holds other secrets than this command: give it the same settings and start it again",
    "no_secret": "the gateway holds no secret for the account: give it the same settings and start it again",
    "unknown_account": "the gateway's settings hold no such account, or the path names another",
}


class TriedDelivery(BaseModel):
    """What became of a delivery signed with one secret. `http_status` is None where nobody answered."""

    secret: int
    """Which secret, counted from 1 in the order of the settings."""
    accepted: bool
    http_status: int | None = None
    code: str | None = None
    message: str

    @property
    def reached(self) -> bool:
        """Tell whether the gateway itself could be asked."""
        return self.http_status is not None and self.http_status < 500


def local_gateway(settings: Settings, account: str) -> str:
    """Return where the gateway of this machine receives the account's webhooks."""
    running = read_state(settings.home)
    host = _EVERYWHERE.get(settings.bind, settings.bind)
    return (running.gateway_url if running else f"http://{host}:{settings.gateway_port}") + webhook_path(account)


def webhook_path(account: str) -> str:
    """Return the path at which the account's webhooks come in."""
    return PATH.format(account=account)


async def deliver_tests(url: str, given: Sequence[str]) -> list[TriedDelivery]:
    """Deliver one test event for each secret; return what became of them."""
    async with httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False) as http:
        return [await _deliver(http, url, place, secret) for place, secret in enumerate(given, 1)]


async def _deliver(http: httpx.AsyncClient, url: str, place: int, secret: str) -> TriedDelivery:
    body = json.dumps(_event()).encode()
    headers = signed_headers(secret, int(time.time() * 1000), body) | {"Content-Type": "application/json"}
    try:
        answer = await http.post(url, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = f"the gateway at {url} cannot be reached ({type(error).__name__}); is `baton gateway` running?"
        return TriedDelivery(secret=place, accepted=False, code="gateway_unreachable", message=why)
    if answer.is_success:
        return TriedDelivery(secret=place, accepted=True, http_status=answer.status_code, message="accepted")
    return _refused(place, answer)


def _refused(place: int, answer: httpx.Response) -> TriedDelivery:
    told = read_envelope(RawAnswer("the delivery", answer.status_code, answer.headers, answer.content))
    message = "; ".join(part for part in (told.message, _REMEDIES.get(told.code)) if part)
    return TriedDelivery(secret=place, accepted=False, http_status=answer.status_code, code=told.code, message=message)


def _event() -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {
        "event": TEST_EVENT,
        "timestamp": now,
        "data": {"id": f"test_{secrets.token_hex(8)}", "type": "test", "status": "test", "updatedAt": now},
    }
