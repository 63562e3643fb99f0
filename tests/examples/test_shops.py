"""The example shops are paid through Baton: they learn from signed notifications how each sale ended."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from baton.local.stack.ports import free_ports
from tests.eventually import eventually
from tests.examples.local_stack import RunningStack, running, running_stack
from tests.examples.web_shop import SECRET, WebShop, write_endpoints
from tests.http import http_client
from tests.paths import ROOT

pytestmark = pytest.mark.timeout(180)

TYPESCRIPT = ROOT / "examples" / "shop-typescript"


@pytest.fixture(scope="module")
def ports() -> tuple[int, int]:
    """The ports of the shops, first Python, then TypeScript."""
    first, second = free_ports(2)
    return first, second


@pytest.fixture(scope="module")
async def stack(ports: tuple[int, int], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    folder = tmp_path_factory.mktemp("shops")
    endpoints = write_endpoints(folder / "endpoints.toml", python=ports[0], typescript=ports[1])
    async with running_stack(folder, BATON_ENDPOINTS_FILE=str(endpoints)) as up:
        yield up


@dataclass
class PythonShop:
    """The Python shop, which a test may kill and open again; its sales are kept.

    Attributes:
        web: How it is reached.
        start: Starts its process.
        process: What runs now.
    """

    web: WebShop
    start: Callable[[], Awaitable[asyncio.subprocess.Process]]
    process: asyncio.subprocess.Process | None = None

    async def open(self) -> None:
        """Start it, and wait until it answers."""
        self.process = await self.start()
        await eventually(self.web.is_open, within=30)

    async def kill(self) -> None:
        """End its process as a crash does."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()


@pytest.fixture(scope="module")
async def python_shop(
    stack: RunningStack, ports: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[PythonShop]:
    port, folder = str(ports[0]), tmp_path_factory.mktemp("python")
    command = [sys.executable, "-m", "uvicorn", "examples.shop.shop:app", "--port", port, "--log-level", "warning"]
    variables = {"SHOP_SECRET": SECRET, "SHOP_DATABASE": str(folder / "shop.db"), **stack.variables}
    async with AsyncExitStack() as processes:
        shop = PythonShop(
            WebShop(f"http://127.0.0.1:{port}", stack),
            lambda: processes.enter_async_context(running(command, folder, variables)),
        )
        await shop.open()
        yield shop


@pytest.fixture(scope="module")
def typescript_folder(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The TypeScript shop with its packages, and with the types of the stack's own OpenAPI document."""
    if not shutil.which("npm"):
        pytest.skip("there is no npm here, which the TypeScript shop is installed with")
    folder = Path(shutil.copytree(TYPESCRIPT, tmp_path_factory.mktemp("typescript") / "shop"))
    npm(folder, "install", "--no-audit", "--no-fund", "--loglevel=error")
    npm(folder, "run", "types", BATON_URL=stack.addresses["gateway_url"])
    return folder


def npm(folder: Path, *arguments: str, **variables: str) -> None:
    environment = {**os.environ, **variables}
    done = subprocess.run(
        ["npm", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"npm {' '.join(arguments)}:\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
async def typescript_shop(
    stack: RunningStack, ports: tuple[int, int], typescript_folder: Path
) -> AsyncIterator[WebShop]:
    variables = {"SHOP_SECRET": SECRET, "PORT": str(ports[1]), **stack.variables}
    async with running([typescript_folder / "node_modules/.bin/tsx", "shop.ts"], typescript_folder, variables):
        shop = WebShop(f"http://127.0.0.1:{ports[1]}", stack)
        await eventually(shop.is_open, within=30)
        yield shop


@pytest.fixture(params=["python", "typescript"])
def shop(request: pytest.FixtureRequest) -> WebShop:
    """A shop that is open for all tests; each sells mugs of its own."""
    opened: PythonShop | WebShop = request.getfixturevalue(f"{request.param}_shop")
    return opened.web if isinstance(opened, PythonShop) else opened


async def test_a_sale_is_paid_once_its_order_is_completed(shop: WebShop) -> None:
    sale_id = await shop.sell()
    waiting = await shop.sale(sale_id)
    async with http_client() as payer:
        page = await payer.get(waiting["pay_at"])
    await shop.stack.pay(sale_id)

    paid = await shop.until(sale_id, "paid")

    assert waiting["state"] == "waiting"
    assert waiting["instruction"].startswith("Pay 25 USDC on base to 0x")
    assert (page.status_code, waiting["instruction"].rpartition(" ")[2] in page.text) == (200, True)
    assert paid["note"] == "completed"


async def test_a_refunded_sale_is_unpaid(shop: WebShop) -> None:
    sale_id = await shop.sell()
    await shop.stack.pay(sale_id, scenario="refunded")

    assert (await shop.until(sale_id, "unpaid"))["note"] == "refunded"


async def test_a_notification_with_a_wrong_signature_changes_nothing(shop: WebShop) -> None:
    sale_id = await shop.sell()
    forged = json.dumps(closed_event(sale_id, "completed"))
    headers = headers_of(forged) | {"webhook-signature": "v1,AAAA"}

    refused = await shop.post("/notifications", content=forged, headers=headers)

    assert refused.status_code == 401
    assert (await shop.sale(sale_id))["state"] == "waiting"


async def test_a_notification_that_comes_twice_is_handled_once(shop: WebShop) -> None:
    sale_id = await shop.sell()
    for outcome in ("completed", "refunded"):
        body = json.dumps(closed_event(sale_id, outcome))
        taken = await shop.post("/notifications", content=body, headers=headers_of(body))
        assert taken.status_code == 204

    assert (await shop.sale(sale_id))["state"] == "paid"


def closed_event(sale_id: str, outcome: str) -> dict[str, Any]:
    """Return a notification of an order's end; its id depends on the order alone, as Baton's do."""
    return {"id": f"evt_{sale_id}", "type": "order.closed", "reference": sale_id, "data": {"outcome": outcome}}


def headers_of(body: str) -> dict[str, str]:
    now = datetime.now(UTC)
    event_id = json.loads(body)["id"]
    signature = Webhook(SECRET).sign(event_id, now, body)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
        "content-type": "application/json",
    }


async def test_a_shop_that_was_down_learns_of_its_sale_afterwards(stack: RunningStack, python_shop: PythonShop) -> None:
    sale_id = await python_shop.web.sell()
    await python_shop.kill()
    await stack.pay(sale_id)
    await stack.baton.wait(sale_id)

    await python_shop.open()

    # It is notified again after five seconds. If a busy machine opens it later, the next notification that it accepts
    # brings those forward that wait.
    await stack.pay(await python_shop.web.sell())
    assert (await python_shop.web.until(sale_id, "paid"))["note"] == "completed"


def test_the_typescript_shop_passes_its_type_check(typescript_folder: Path) -> None:
    npm(typescript_folder, "run", "check")
