"""Sends one signed notification: no redirects, and bounds on time and on what is read of the response."""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from baton.bounded_http import NoResponse, retry_after, system_certificates, within
from baton.notifications.addresses import CheckedUrl, Network, UrlRefused, resolve
from baton.notifications.endpoint import AppEndpoint
from baton.notifications.signing import signed_headers
from baton.redaction import redacted
from baton.version import __version__

TIMEOUT = 15.0
"""Seconds that one attempt may take, from the look-up of the host to the response."""

MAX_RESPONSE = 4_096
"""Bytes of the response that are read; what an endpoint answers matters to nobody but a person who looks."""

BODY_TIMEOUT = 2.0
"""Seconds for which the response's body is read: the status alone says whether the event was accepted."""

MAX_DETAIL = 300
"""Characters of a response that are kept."""

CONNECTIONS = 16
"""Connections to one endpoint."""

GONE = 410
"""The status by which an endpoint says that it wants no notification any more."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """How an attempt ended.

    Attributes:
        delivered: Whether the endpoint accepted it, with a status of 200 to 299.
        milliseconds: How long it took.
        status_code: The response's status; None without a response.
        detail: Why it failed, or the beginning of the response.
        retry_after: Seconds that the endpoint asks to wait; None if it does not ask.
    """

    delivered: bool
    milliseconds: int
    status_code: int | None = None
    detail: str | None = None
    retry_after: float | None = None


class NotificationSender:
    """Sends notifications, over connections of its own for each endpoint.

    Args:
        networks: Networks beside the public internet that may be called.
        timeout: Seconds that one attempt may take.
    """

    def __init__(self, networks: Sequence[Network] = (), timeout: float = TIMEOUT) -> None:
        self._networks = networks
        self._timeout = timeout
        self._tls = system_certificates()
        # One for each endpoint: a pooled connection is known by its address, and two hosts may share one.
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def aclose(self) -> None:
        """Close all connections."""
        clients, self._clients = self._clients, {}
        await asyncio.gather(*(client.aclose() for client in clients.values()))

    async def send(self, endpoint: AppEndpoint, event: dict[str, Any]) -> SendResult:
        """Make one attempt to send an event; never raises for what the endpoint does."""
        started = time.monotonic()
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        now = datetime.now(UTC)
        headers = {
            **signed_headers(event["id"], now, body, endpoint.signing(now)),
            "content-type": "application/json",
            "user-agent": f"Baton/{__version__}",
        }
        try:
            checked = await resolve(endpoint.url, self._networks)
            response, text = await within(self._timeout, self._post(endpoint, checked, headers, body))
        except (UrlRefused, NoResponse) as error:
            return SendResult(False, _since(started), detail=str(error))
        asked = retry_after(response.headers.get("retry-after"), now)
        return SendResult(response.is_success, _since(started), response.status_code, _detail(response, text), asked)

    async def _post(
        self, endpoint: AppEndpoint, checked: CheckedUrl, headers: dict[str, str], body: bytes
    ) -> tuple[httpx.Response, bytes]:
        request = self._client(endpoint).build_request(
            "POST",
            checked.target,
            headers={**headers, "host": checked.host_header},
            content=body,
            extensions={"sni_hostname": checked.url.host},
        )
        response = await self._client(endpoint).send(request, stream=True)
        try:
            return response, await _beginning(response)
        finally:
            await response.aclose()

    def _client(self, endpoint: AppEndpoint) -> httpx.AsyncClient:
        client = self._clients.get(endpoint.name)
        if client is None:
            limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=2, keepalive_expiry=30)
            client = httpx.AsyncClient(
                verify=self._tls, limits=limits, timeout=self._timeout, follow_redirects=False, trust_env=False
            )
            self._clients[endpoint.name] = client
        return client


async def _beginning(response: httpx.Response) -> bytes:
    """Return the first bytes of a response; a body that is longer, breaks off or does not end is left there."""
    read = bytearray()
    with suppress(httpx.HTTPError, httpx.StreamError, TimeoutError):
        async with asyncio.timeout(BODY_TIMEOUT):
            async for chunk in response.aiter_raw():
                read += chunk
                if len(read) >= MAX_RESPONSE:
                    break
    return bytes(read[:MAX_RESPONSE])


def _detail(response: httpx.Response, text: bytes) -> str | None:
    if response.is_redirect:
        return "the endpoint redirects, and redirects are not followed; give its final url"
    words = text.decode("utf-8", "replace").strip()
    return redacted(words)[:MAX_DETAIL] if words else None


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
