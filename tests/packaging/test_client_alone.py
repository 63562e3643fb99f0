"""The installed client without the service: it imports, its command says what is missing, and a shop runs beside it."""

import asyncio
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.world import SPARK, World
from tests.eventually import eventually
from tests.packaging.conftest import ClientEnvironment

# The first run on a machine downloads the environment's packages.
pytestmark = pytest.mark.timeout(180)

SHOP = Path(__file__).with_name("shop")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture(scope="module")
def type_check(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Return the command of a check whose second run reads the libraries from the cache of the first."""
    return ("mypy", "--strict", "--cache-dir", str(tmp_path_factory.mktemp("mypy")))


def test_every_public_name_imports_without_the_service(client_environment: ClientEnvironment, tmp_path: Path) -> None:
    script = (
        "import baton, sys\n"
        "for name in baton.__all__: getattr(baton, name)\n"
        "from baton import BatonClient, BlockingBatonClient, Placement\n"
        "import baton.temporal_orders, baton.temporal, baton.orchestra.client, baton.chains.decimals\n"
        "import baton.nexus.service, baton.nexus.refusals\n"
        "print(baton.__file__, baton.__version__, baton.chains.decimals.decimals_of('base', 'USDC'))\n"
    )
    done = client_environment.run("python", "-c", script, folder=tmp_path)

    assert done.stderr == ""
    assert done.stdout.startswith(str(client_environment.folder))
    assert done.stdout.endswith(" 6\n")


@pytest.mark.parametrize("arguments", [(), ("worker",), ("start", "--json"), ("--help",)], ids=" ".join)
def test_without_the_extra_the_command_says_what_to_install(
    client_environment: ClientEnvironment, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = client_environment.run("baton", *arguments, folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith("install `baton-orders[service]`\n")


def test_without_the_checkout_the_worker_says_where_it_runs(
    client_environment: ClientEnvironment, tmp_path: Path
) -> None:
    # The wheel's package, with the extra's packages from the environment of the tests.
    environment = {**os.environ, "PYTHONPATH": str(client_environment.site_packages)}
    done = subprocess.run(
        [sys.executable, "-m", "baton", "worker"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "run the worker from a checkout of Baton or from its image" in done.stderr


def test_a_shops_own_code_is_type_checked_against_the_client(
    client_environment: ClientEnvironment, shop: Path, type_check: tuple[str, ...]
) -> None:
    done = client_environment.run(*type_check, "worker.py", "workflows", "activities", folder=shop)

    assert (done.returncode, done.stdout) == (0, "Success: no issues found in 5 source files\n")


def test_wrong_use_of_the_client_is_a_type_error(
    client_environment: ClientEnvironment, shop: Path, type_check: tuple[str, ...]
) -> None:
    wrong = shop / "wrong.py"
    wrong.write_text(
        "from baton import BatonClient, Nobody\n\n\n"
        "async def place(baton: BatonClient) -> int:\n"
        "    return (await baton.place({})).deposit_address\n",
        encoding="utf-8",
    )
    done = client_environment.run(*type_check, "wrong.py", folder=shop)

    assert 'Module "baton" has no attribute "Nobody"' in done.stdout
    assert 'got "str | None", expected "int"' in done.stdout


@asynccontextmanager
async def shop_worker(environment: ClientEnvironment, shop: Path, address: str) -> AsyncIterator[None]:
    variables = environment.variables(TEMPORAL_ADDRESS=address)
    worker = await asyncio.create_subprocess_exec(
        environment.folder / "bin/python", "worker.py", cwd=shop, env=variables
    )
    try:
        yield
        assert worker.returncode is None
    finally:
        if worker.returncode is None:
            worker.kill()
        await worker.wait()


async def test_a_shop_with_its_own_workflows_takes_a_payment(
    client_environment: ClientEnvironment, shop: Path, world: World
) -> None:
    temporal = world.environment.client
    invoice = {"number": f"sale-{uuid.uuid4().hex[:8]}", "amount": 100_000_000, "recipient": SPARK}
    address = temporal.service_client.config.target_host
    async with asyncio.timeout(50), shop_worker(client_environment, shop, address):
        sale: Any = await temporal.start_workflow("SaleWorkflow", invoice, id=invoice["number"], task_queue="shop")
        deposit_address = await eventually(lambda: sale.query("address"), within=30)
        paid = await world.sandbox.deposit(deposit_address=deposit_address)
        await sale.signal("paid", paid["txHash"])
        receipt = await sale.result()

    order = await world.baton.wait(invoice["number"])
    assert receipt == {
        "outcome": "completed",
        "route": "base:USDC → spark:BTC",
        "paid": "100.000000 USDC",
        "delivered": order.amount_out,
        "transaction": order.destination_tx_hash,
    }
    assert order.destination_tx_hash
