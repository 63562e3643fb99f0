"""An EVM node: anvil. Its accounts are unlocked, so nothing is signed here."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from baton.encoding.addresses import checksummed
from baton.local.nodes.node import NATIVE, NodeError, NodePayment
from baton.local.nodes.ports import free_port
from baton.local.nodes.processes import find, running, until_ready
from baton.local.nodes.rpc import Rpc

NAME = "anvil"
TOKEN_DECIMALS = 6

_TOKEN = json.loads((Path(__file__).parent / "contracts/token.json").read_text(encoding="utf-8"))
_WORD = 64
_RECEIPT_LIMIT = 20.0


class Anvil:
    """A running anvil.

    Args:
        url: Its JSON-RPC endpoint.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._rpc = Rpc(NAME, url)
        self._payer: str | None = None

    def new_address(self) -> str:
        """Return a fresh address in the spelling with capitals."""
        return checksummed(f"0x{secrets.token_hex(20)}")

    async def pay(self, address: str, asset: str, amount: int) -> NodePayment:
        """Broadcast a transfer of a token or of the chain's coin; see `Node.pay`.

        Raises:
            NodeError: The transfer would fail, or the node did not answer.
        """
        sender = await self.payer()
        if asset == NATIVE:
            wish = {"from": sender, "to": address, "value": hex(amount)}
        else:
            wish = {"from": sender, "to": asset, "data": _call("transfer", address, amount)}
        # Sent without a limit, a transfer that fails would still get into a block.
        gas = await self._rpc.call("eth_estimateGas", wish)
        tx_id = await self._rpc.call("eth_sendTransaction", {**wish, "gas": gas})
        return NodePayment(tx_id, sender=checksummed(sender))

    async def payer(self) -> str:
        """Return the account that pays for everything.

        Raises:
            NodeError: The node did not answer.
        """
        if self._payer is None:
            self._payer = str((await self._rpc.call("eth_accounts"))[0])
        return self._payer

    async def make_token(self, supply: int = 10**15) -> str:
        """Deploy a dollar of six decimals, give that much of it to the payer, and return its address.

        Raises:
            NodeError: The node refused, or no block came.
        """
        payer = await self.payer()
        made = await self._mined({"from": payer, "data": _TOKEN["bytecode"]})
        token = checksummed(made["contractAddress"])
        await self._mined({"from": payer, "to": token, "data": _call("mint", payer, supply)})
        return token

    async def balance(self, token: str, address: str) -> int:
        """Return how much of a token an address has.

        Raises:
            NodeError: The node did not answer.
        """
        wish = {"to": token, "data": _call("balanceOf", address)}
        return int(await self._rpc.call("eth_call", wish, "latest"), 16)

    async def height(self) -> int:
        """Return the newest block's height.

        Raises:
            NodeError: The node did not answer.
        """
        return int(await self._rpc.call("eth_blockNumber"), 16)

    async def mine(self, blocks: int = 1) -> None:
        """Add blocks at once.

        Raises:
            NodeError: The node did not answer.
        """
        await self._rpc.call("anvil_mine", hex(blocks))

    async def mine_every(self, seconds: int) -> None:
        """Make a block each so many seconds from now on, instead of one for each transaction.

        Raises:
            NodeError: The node did not answer.
        """
        await self._rpc.call("evm_setIntervalMining", seconds)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._rpc.aclose()

    async def _mined(self, wish: dict[str, Any]) -> dict[str, Any]:
        tx_hash = await self._rpc.call("eth_sendTransaction", wish)
        deadline = time.monotonic() + _RECEIPT_LIMIT
        while time.monotonic() < deadline:
            receipt: dict[str, Any] | None = await self._rpc.call("eth_getTransactionReceipt", tx_hash)
            if receipt is not None:
                return receipt
            await asyncio.sleep(0.02)
        raise NodeError(f"{NAME} took no transaction into a block within {_RECEIPT_LIMIT:g} s")


@asynccontextmanager
async def running_anvil(
    *, chain_id: int = 31337, block_seconds: int | None = None, epoch: int = 4, under: Sequence[str] = ()
) -> AsyncIterator[Anvil]:
    """Run an anvil on a free port for the length of the block.

    Args:
        chain_id: The chain that it says it serves.
        block_seconds: A block comes this often; None makes one for each transaction.
        epoch: Blocks of an epoch: two epochs back a block is final, in place of a quarter of an hour.
        under: A command to run it under, such as one that ends it with its parent.

    Raises:
        NodeMissing: It is not installed.
        NodeError: It does not start.
    """
    port = free_port()
    options = ["--port", str(port), "--chain-id", str(chain_id), "--slots-in-an-epoch", str(epoch), "--quiet"]
    pace = ["--block-time", str(block_seconds)] if block_seconds else []
    async with running([*under, find(NAME, "anvil/bin/anvil"), *options, *pace]) as process:
        node = Anvil(f"http://127.0.0.1:{port}")
        try:
            await until_ready(NAME, process, node.payer)
            yield node
        finally:
            await node.aclose()


def _call(function: str, *values: str | int) -> str:
    """Return the data of a call to the token whose arguments are addresses and whole numbers."""
    selector = next(told for name, told in _TOKEN["selectors"].items() if name.startswith(f"{function}("))
    numbers = (int(value, 16) if isinstance(value, str) else value for value in values)
    return f"0x{selector}" + "".join(f"{number:0{_WORD}x}" for number in numbers)
