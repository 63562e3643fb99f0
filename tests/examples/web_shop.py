"""What every example shop does, whatever it is written in: it sells over HTTP and takes notifications."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.eventually import eventually
from tests.examples.local_stack import RunningStack
from tests.http import http_client

SECRET = f"whsec_{base64.b64encode(b'secret of the example shops 1234').decode()}"


@dataclass
class WebShop:
    """A shop that is open.

    Attributes:
        url: Where.
        stack: The Baton that it is paid through.
    """

    url: str
    stack: RunningStack

    async def is_open(self) -> bool:
        """Whether the shop answers."""
        try:
            return (await self.get("/sales/none")).status_code == 404
        except httpx.TransportError:
            return False

    async def get(self, path: str) -> httpx.Response:
        """Return a page of the shop."""
        async with http_client(base_url=self.url) as http:
            return await http.get(path)

    async def post(self, path: str, **request: Any) -> httpx.Response:
        """Send something to the shop."""
        async with http_client(base_url=self.url) as http:
            return await http.post(path, **request)

    async def sell(self) -> str:
        """Buy a mug; return the sale's id."""
        sold = await self.post("/sales", json={"item": "mug"})
        assert sold.status_code == 303, sold.text
        return sold.headers["location"].removeprefix("/sales/")

    async def sale(self, sale_id: str) -> dict[str, Any]:
        """Return a sale as the shop shows it."""
        shown: dict[str, Any] = (await self.get(f"/sales/{sale_id}")).json()
        return shown

    async def until(self, sale_id: str, state: str) -> dict[str, Any]:
        """Wait until a sale is in this state; return it."""
        return await eventually(lambda: self.sale(sale_id), lambda sale: sale.get("state") == state, within=40)


def write_endpoints(file: Path, **ports: int) -> Path:
    """Write the file with the shops' endpoints; return it."""
    lines = [
        f'[endpoints.{name}]\nurl = "http://127.0.0.1:{port}/notifications"\nsecret = "{SECRET}"\n'
        for name, port in ports.items()
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file
