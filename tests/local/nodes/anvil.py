"""A real EVM node for tests: anvil, with test contracts, transfers, blocks and reorgs."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from baton.local.nodes import anvil as local_anvil
from baton.local.nodes.rpc import Rpc
from tests.eventually import eventually
from tests.local.nodes.node_or_skip import node_or_skip

MULTICALL = "0xcA11bde05977b3631167028862bE2a173976CA11"

_ARTIFACTS = json.loads((Path(__file__).parent / "contracts/artifacts.json").read_text())


class AnvilDriver:
    """A running node. Its accounts are unlocked, so nothing has to be signed."""

    def __init__(self, url: str, accounts: list[str]) -> None:
        self.url = url
        self.accounts = accounts
        self._rpc = Rpc(local_anvil.NAME, url)

    async def rpc(self, method: str, *params: Any) -> Any:
        return await self._rpc.call(method, *params)

    async def aclose(self) -> None:
        await self._rpc.aclose()

    async def height(self) -> int:
        return int(await self.rpc("eth_blockNumber"), 16)

    async def time(self) -> int:
        """Return the newest block's time, in seconds since 1970."""
        return int((await self.rpc("eth_getBlockByNumber", "latest", False))["timestamp"], 16)

    async def send(self, to: str | None, data: str = "0x", value: int = 0, sender: str | None = None) -> Any:
        """Send a transaction and return its receipt, also if it failed."""
        request = {"from": sender or self.accounts[0], "data": data, "value": hex(value), "gas": hex(5_000_000)}
        tx_hash = await self.rpc("eth_sendTransaction", request if to is None else {**request, "to": to})
        return await eventually(lambda: self.rpc("eth_getTransactionReceipt", tx_hash))

    async def pay(self, to: str, value: int, sender: str | None = None) -> Any:
        """Send coins as a wallet does, with gas only for the transfer."""
        request = {"from": sender or self.accounts[0], "to": to, "value": hex(value), "gas": hex(21_000)}
        tx_hash = await self.rpc("eth_sendTransaction", request)
        return await eventually(lambda: self.rpc("eth_getTransactionReceipt", tx_hash))

    async def deploy(self, contract: str) -> str:
        """Deploy a contract of `contracts/Baton.sol` and return its address in lower case."""
        return str((await self.send(None, _ARTIFACTS[contract]["bytecode"]))["contractAddress"])

    async def put_multicall(self) -> None:
        """Put the functions of Multicall3 that the reader calls at its well-known address."""
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
    """Return the data of a call; the arguments are addresses and whole numbers."""
    selectors = _ARTIFACTS[contract]["selectors"]
    selector = next(selector for name, selector in selectors.items() if name.startswith(f"{function}("))
    numbers = [int(value, 16) if isinstance(value, str) else value for value in values]
    return "0x" + selector + "".join(f"{number:064x}" for number in numbers)


@asynccontextmanager
async def running_anvil(chain_id: int = 31337, slots: int = 2) -> AsyncIterator[AnvilDriver]:
    """Run a node for the length of the block.

    Args:
        chain_id: The chain id that it reports.
        slots: Blocks of an epoch; a block is final two epochs later.
    """
    async with node_or_skip(local_anvil.running_anvil(chain_id=chain_id, epoch=slots)) as running:
        rpc = Rpc(local_anvil.NAME, running.url)
        node = AnvilDriver(running.url, await rpc.call("eth_accounts"))
        await rpc.aclose()
        try:
            yield node
        finally:
            await node.aclose()
