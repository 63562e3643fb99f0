"""Anvil, a local EVM node. Its accounts are unlocked, so nothing has to be signed."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from baton.encoding.addresses import checksummed
from baton.local.child_process import running
from baton.local.nodes.local_node import NATIVE, NodeError, NodePayment
from baton.local.nodes.ports import free_port
from baton.local.nodes.programs import find_program, require_ready
from baton.local.nodes.rpc import Rpc

NAME = "anvil"
TOKEN_DECIMALS = 6

_TOKEN = json.loads((Path(__file__).parent / "contracts/token.json").read_text(encoding="utf-8"))
_WORD = 64
_RECEIPT_SECONDS = 20.0


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
        """Return a fresh address in checksum spelling."""
        return checksummed(f"0x{secrets.token_hex(20)}")

    async def pay(self, address: str, asset: str, amount: int) -> NodePayment:
        """Broadcast a transfer of a token or of the chain's coin; see `LocalNode.pay`.

        Raises:
            NodeError: The transfer would fail, or the node did not answer.
        """
        sender = await self.payer()
        if asset == NATIVE:
            transfer = {"from": sender, "to": address, "value": hex(amount)}
        else:
            transfer = {"from": sender, "to": asset, "data": _call("transfer", address, amount)}
        # Without a gas limit, anvil would put a failing transfer into a block; estimating the gas refuses it first.
        gas = await self._rpc.call("eth_estimateGas", transfer)
        tx_id = await self._rpc.call("eth_sendTransaction", {**transfer, "gas": gas})
        return NodePayment(tx_id, sender=checksummed(sender))

    async def payer(self) -> str:
        """Return the address of the account that pays for everything.

        Raises:
            NodeError: The node did not answer.
        """
        if self._payer is None:
            self._payer = str((await self._rpc.call("eth_accounts"))[0])
        return self._payer

    async def make_token(self, supply: int = 10**15) -> str:
        """Deploy a dollar token of six decimals, mint the supply to the payer, and return the token's address.

        Raises:
            NodeError: The node refused, or no block came.
        """
        payer = await self.payer()
        receipt = await self._mined({"from": payer, "data": _TOKEN["bytecode"]})
        token = checksummed(receipt["contractAddress"])
        await self._mined({"from": payer, "to": token, "data": _call("mint", payer, supply)})
        return token

    async def balance(self, token: str, address: str) -> int:
        """Return an address's balance of a token.

        Raises:
            NodeError: The node did not answer.
        """
        call = {"to": token, "data": _call("balanceOf", address)}
        return int(await self._rpc.call("eth_call", call, "latest"), 16)

    async def height(self) -> int:
        """Return the height of the newest block.

        Raises:
            NodeError: The node did not answer.
        """
        return int(await self._rpc.call("eth_blockNumber"), 16)

    async def mine(self, blocks: int = 1) -> None:
        """Mine blocks at once.

        Raises:
            NodeError: The node did not answer.
        """
        await self._rpc.call("anvil_mine", hex(blocks))

    async def mine_every(self, seconds: int) -> None:
        """Mine a block every so many seconds from now on, instead of one for each transaction.

        Raises:
            NodeError: The node did not answer.
        """
        await self._rpc.call("evm_setIntervalMining", seconds)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._rpc.aclose()

    async def _mined(self, transaction: dict[str, Any]) -> dict[str, Any]:
        tx_hash = await self._rpc.call("eth_sendTransaction", transaction)
        deadline = time.monotonic() + _RECEIPT_SECONDS
        while time.monotonic() < deadline:
            receipt: dict[str, Any] | None = await self._rpc.call("eth_getTransactionReceipt", tx_hash)
            if receipt is not None:
                return receipt
            await asyncio.sleep(0.02)
        raise NodeError(f"{NAME} confirmed no transaction within {_RECEIPT_SECONDS:g} s")


@asynccontextmanager
async def running_anvil(
    *, chain_id: int = 31337, block_seconds: int | None = None, epoch: int = 4
) -> AsyncIterator[Anvil]:
    """Run an anvil on a free port for the length of the block.

    Args:
        chain_id: The chain id that it reports.
        block_seconds: Seconds between two blocks; None makes a block for each transaction.
        epoch: Blocks of an epoch; a block is final two epochs later, instead of a quarter of an hour later.

    Raises:
        NodeMissing: Anvil is not installed.
        NodeError: It did not start.
    """
    port = free_port()
    options = ["--port", str(port), "--chain-id", str(chain_id), "--slots-in-an-epoch", str(epoch), "--quiet"]
    pace = ["--block-time", str(block_seconds)] if block_seconds else []
    async with running([find_program(NAME, "anvil/bin/anvil"), *options, *pace]) as process:
        node = Anvil(f"http://127.0.0.1:{port}")
        try:
            await require_ready(NAME, process, node.payer)
            yield node
        finally:
            await node.aclose()


def _call(function: str, *values: str | int) -> str:
    """Return the data of a call to the token; the arguments are addresses and whole numbers."""
    selector = next(selector for name, selector in _TOKEN["selectors"].items() if name.startswith(f"{function}("))
    numbers = (int(value, 16) if isinstance(value, str) else value for value in values)
    return f"0x{selector}" + "".join(f"{number:0{_WORD}x}" for number in numbers)
