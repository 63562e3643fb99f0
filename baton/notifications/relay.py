"""Relays the feed of a gateway to a URL on a developer's machine, signed as notifications are."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx

from baton.bounded_http import NoResponse, within
from baton.errors import BatonError, Unreachable
from baton.notifications.feed import LATEST
from baton.notifications.signing import signed_headers

LOOK_INTERVAL = 0.5
"""Seconds between two looks for new events."""

TIMEOUT = 15.0
"""Seconds that one call may take."""


class RelayRefused(BatonError):
    """The gateway refuses to show its feed."""


class Relayed(NamedTuple):
    """An event, and what the app answered: its HTTP status, or why there is none."""

    event: dict[str, Any]
    answer: int | str


class FeedRelay:
    """Reads the feed of a gateway and posts each event to a URL, once.

    Args:
        gateway: The gateway's URL.
        token: A token of its API with the verb `read`.
        forward_to: Where events are posted; None for nowhere.
        secret: What signs them.
        filters: Query parameters of the feed, such as `account` and `type`.
    """

    def __init__(
        self, gateway: str, token: str, forward_to: str | None, secret: str, filters: Mapping[str, Sequence[str]]
    ) -> None:
        self._gateway = gateway.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._forward_to = forward_to
        self._secret = secret
        self._filters = filters

    async def run(self, after: str = LATEST) -> AsyncIterator[Relayed]:
        """Yield each event after a cursor with the app's answer, without end; a gateway that is away is asked again.

        Raises:
            RelayRefused: The gateway refuses the token or the cursor.
            Unreachable: The gateway did not answer the first time.
        """
        cursor, reached = after, False
        async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as http:
            while True:
                try:
                    page = await self._page(http, cursor)
                except NoResponse as error:
                    if not reached:
                        raise _away(self._gateway, error) from None
                    await asyncio.sleep(LOOK_INTERVAL)
                    continue
                reached, cursor = True, page["cursor"]
                for event in page["events"]:
                    yield Relayed(event, await self._post(http, event))
                if not page["more"]:
                    await asyncio.sleep(LOOK_INTERVAL)

    async def _page(self, http: httpx.AsyncClient, cursor: str) -> dict[str, Any]:
        query = {"after": cursor, **self._filters}
        response = await within(TIMEOUT, http.get(f"{self._gateway}/v1/events", params=query, headers=self._headers))
        if response.status_code >= 500:
            raise NoResponse(f"it answered {response.status_code}")
        if not response.is_success:
            raise _refusal(response)
        page: dict[str, Any] = response.json()
        return page

    async def _post(self, http: httpx.AsyncClient, event: dict[str, Any]) -> int | str:
        if self._forward_to is None:
            return "not forwarded"
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        headers = signed_headers(event["id"], datetime.now(UTC), body, [self._secret])
        sent = http.post(self._forward_to, content=body, headers={**headers, "content-type": "application/json"})
        try:
            return (await within(TIMEOUT, sent)).status_code
        except NoResponse as error:
            return str(error)


def _away(gateway: str, error: NoResponse) -> Unreachable:
    return Unreachable("gateway_unavailable", f"the gateway at {gateway} does not answer: {error}", "start `baton up`")


def _refusal(response: httpx.Response) -> RelayRefused:
    try:
        error = response.json()["error"]
        return RelayRefused(error["code"], error["message"], error["remedy"])
    except (ValueError, KeyError, TypeError):
        return RelayRefused("gateway_refuses", f"the gateway answered {response.status_code}", "check its URL")
