"""A real EVM node for tests: anvil on a free port, with contracts of its own, transfers, blocks and reorganisations."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.eventually import eventually

BINARY = Path(__file__).parents[2] / ".baton/nodes/anvil/bin/anvil"
REQUIRED = "BATON_REQUIRE_NODES"
"""Set to 1 where a machine without the nodes must fail their tests instead of skipping them."""
MULTICALL = "0xcA11bde05977b3631167028862bE2a173976CA11"

_ARTIFACTS = json.loads((Path(__file__).parent / "contracts/artifacts.json").read_text())
_START_LIMIT = 20.0


class AnvilError(Exception):
    """The node refused a call."""


class Anvil:
    """A running node. Accounts are unlocked: nothing is signed here."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.url = url
        self.accounts: list[str] = []
        self._client = client
        self._ids = count(1)

    async def rpc(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
        answer = (await self._client.post(self.url, json=body)).json()
        if "error" in answer:
            raise AnvilError(f"{method}: {answer['error']}")
        return answer["result"]

    async def height(self) -> int:
        return int(await self.rpc("eth_blockNumber"), 16)

    async def time(self) -> int:
        """Return the newest block's time, in seconds since 1970."""
        return int((await self.rpc("eth_getBlockByNumber", "latest", False))["timestamp"], 16)

    async def send(self, to: str | None, data: str = "0x", value: int = 0, sender: str | None = None) -> Any:
        """Send a transaction and return its receipt; of a failed one as well."""
        request = {"from": sender or self.accounts[0], "data": data, "value": hex(value), "gas": hex(5_000_000)}
        tx_hash = await self.rpc("eth_sendTransaction", request if to is None else {**request, "to": to})
        return await eventually(lambda: self.rpc("eth_getTransactionReceipt", tx_hash))

    async def pay(self, to: str, value: int, sender: str | None = None) -> Any:
        """Send coins as a wallet does, with gas for nothing else."""
        request = {"from": sender or self.accounts[0], "to": to, "value": hex(value), "gas": hex(21_000)}
        tx_hash = await self.rpc("eth_sendTransaction", request)
        return await eventually(lambda: self.rpc("eth_getTransactionReceipt", tx_hash))

    async def deploy(self, contract: str) -> str:
        """Deploy a contract of `contracts/Baton.sol` and return its address, in lower case."""
        return str((await self.send(None, _ARTIFACTS[contract]["bytecode"]))["contractAddress"])

    async def put_multicall(self) -> None:
        """Put the functions of Multicall3 that are needed at its well-known address."""
        await self.rpc("anvil_setCode", MULTICALL, _ARTIFACTS["Balances"]["runtime"])

    async def token(self, contract: str = "Token", supply: int = 10**15) -> str:
        """Deploy a token, give all of it to the first account, and return its address."""
        address = await self.deploy(contract)
        await self.send(address, data_of(contract, "mint", self.accounts[0], supply))
        return address

    async def transfer(self, token: str, to: str, amount: int, sender: str | None = None) -> Any:
        """Transfer a token and return the receipt."""
        return await self.send(token, data_of("Token", "transfer", to, amount), sender=sender)

    async def mine(self, blocks: int = 1, seconds: int = 1) -> None:
        """Add empty blocks, that many seconds apart."""
        await self.rpc("anvil_mine", hex(blocks), hex(seconds))

    async def reorg(self, depth: int) -> None:
        """Replace the last blocks by empty ones."""
        await self.rpc("anvil_reorg", depth, [])


def data_of(contract: str, function: str, *values: str | int) -> str:
    """Return the data of a call whose arguments are addresses and whole numbers."""
    selectors = _ARTIFACTS[contract]["selectors"]
    selector = next(told for name, told in selectors.items() if name.startswith(f"{function}("))
    numbers = [int(value, 16) if isinstance(value, str) else value for value in values]
    return "0x" + selector + "".join(f"{number:064x}" for number in numbers)


def need_anvil() -> None:
    """Skip the test where anvil is not installed, unless it has to be."""
    if not BINARY.exists() and os.environ.get(REQUIRED) != "1":
        pytest.skip(f"anvil is not installed; run tests/nodes/install.sh anvil (with {REQUIRED}=1 this is a failure)")


@asynccontextmanager
async def running_anvil(chain_id: int = 31337, slots: int = 2) -> AsyncIterator[Anvil]:
    """Run a node for the length of the block.

    Args:
        chain_id: The chain that it says it serves.
        slots: Blocks of an epoch: two epochs back a block is final.
    """
    need_anvil()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flags = ["--port", str(port), "--chain-id", str(chain_id), "--slots-in-an-epoch", str(slots), "--quiet"]
    process = await asyncio.create_subprocess_exec(BINARY, *flags, stdin=asyncio.subprocess.DEVNULL)
    try:
        async with httpx.AsyncClient(timeout=30) as client:
            node = Anvil(f"http://127.0.0.1:{port}", client)
            await eventually(lambda: _accounts(node, process), within=_START_LIMIT)
            yield node
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _accounts(node: Anvil, process: asyncio.subprocess.Process) -> bool:
    assert process.returncode is None, f"anvil ended with {process.returncode}"
    try:
        node.accounts = await node.rpc("eth_accounts")
    except httpx.TransportError:
        return False
    return True
