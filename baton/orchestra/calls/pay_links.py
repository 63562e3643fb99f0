"""Calls for pay links: create, read, list, disable. They need a server key."""

from baton.orchestra import answers
from baton.orchestra.connection import Connection, path_part
from baton.orchestra.pay_link_models import PayLink, PayLinkPage, PayLinkRequest

_PATH = "/v1/pay-links"

MOST_LISTED = 1_000
"""Most links of one page."""


class PayLinkCalls(Connection):
    """Create, read, list and disable pay links."""

    async def create_pay_link(self, request: PayLinkRequest, key: str) -> PayLink:
        """Create a link, with the short URL to share.

        `baton.orchestra.rules.pay_links.check_pay_link` checks the API's rules beforehand.

        Args:
            request: What is delivered to whom, and how much, in smallest destination units or US dollars.
            key: Idempotency key; the same key with the same request returns the same link.
        """
        return answers.read(await self._call("POST", _PATH, key=key, json=request.wire()), PayLink)

    async def pay_link(self, link_id: str) -> PayLink:
        """Return a link."""
        return answers.read(await self._call("GET", _item(link_id)), PayLink)

    async def pay_links(self, limit: int = 200, offset: int = 0) -> list[PayLink]:
        """Return a page of all links, disabled ones too; entries that cannot be read are left out.

        Args:
            limit: How many at most, 1 to `MOST_LISTED`.
            offset: How many to leave out at the beginning.
        """
        query = {"limit": str(limit), "offset": str(offset), "includeDisabled": "true"}
        return answers.read(await self._call("GET", _PATH, query=query), PayLinkPage).pay_links

    async def disable_pay_link(self, link_id: str, key: str) -> None:
        """Disable a link: visits no longer make orders. Orders that it made go on."""
        answers.check(await self._call("DELETE", _item(link_id), key=key))


def _item(link_id: str) -> str:
    return f"{_PATH}/{path_part('link_id', link_id)}"
