"""A Bitcoin node: bitcoind on regtest, alone, with a wallet that pays and whose coins can be spent at once."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from pathlib import Path

from baton.local.nodes.node import NATIVE, NodeError, NodePayment
from baton.local.nodes.ports import free_port
from baton.local.nodes.processes import find, running, until_ready
from baton.local.nodes.rpc import Rpc
from baton.local.nodes.segwit import segwit_address

NAME = "bitcoind"
WALLET = "payer"
"""The wallet that pays."""

_USER = "baton"
_SATOSHIS = Decimal(100_000_000)
_HRP = "bcrt"
_MATURE = 110
"""A block's reward can be spent after a hundred more."""


class Bitcoind:
    """A running bitcoind.

    Args:
        url: Its RPC, with user and password.
        wallet: The wallet that pays.
    """

    def __init__(self, url: str, wallet: str = WALLET) -> None:
        self.url = url
        self._rpc = Rpc(NAME, url)
        self._wallet = f"/wallet/{wallet}"

    def new_address(self) -> str:
        """Return a fresh address of regtest (P2WPKH)."""
        return segwit_address(_HRP, secrets.token_bytes(20))

    async def pay(self, address: str, asset: str, amount: int) -> NodePayment:
        """Pay satoshis; the transaction stays in the mempool until a block is mined. See `Node.pay`.

        Raises:
            NodeError: The node refused it, did not answer, or is asked for another asset than bitcoin.
        """
        if asset != NATIVE:
            raise NodeError(f"{NAME} pays bitcoin alone, not {asset}")
        coins = f"{amount / _SATOSHIS:.8f}"
        tx_id: str = await self._rpc.call("sendmany", "", {address: coins}, path=self._wallet)
        told = await self._rpc.call("gettransaction", tx_id, path=self._wallet)
        return NodePayment(tx_id, vout=next(one["vout"] for one in told["details"] if one.get("address") == address))

    async def mine(self, blocks: int = 1) -> None:
        """Mine blocks with what is in the mempool.

        Raises:
            NodeError: The node did not answer.
        """
        reward = await self._rpc.call("getnewaddress", path=self._wallet)
        await self._rpc.call("generatetoaddress", blocks, reward)

    async def mine_what_waits(self, every: float) -> None:
        """Mine a block each so many seconds while something is unconfirmed; does not return.

        Raises:
            NodeError: The node did not answer.
        """
        while True:
            await asyncio.sleep(every)
            if (await self._rpc.call("getmempoolinfo"))["size"]:
                await self.mine()

    async def confirmations(self, tx_id: str) -> int:
        """Return how deep a transaction of the wallet is; 0 in the mempool.

        Raises:
            NodeError: The node does not know it, or did not answer.
        """
        return int((await self._rpc.call("gettransaction", tx_id, path=self._wallet))["confirmations"])

    async def received(self, tx_id: str, vout: int) -> tuple[str, int]:
        """Return address and satoshis of one output of a transaction of the wallet.

        Raises:
            NodeError: The node does not know it, or did not answer.
        """
        told = await self._rpc.call("gettransaction", tx_id, False, True, path=self._wallet)
        output = told["decoded"]["vout"][vout]
        return output["scriptPubKey"]["address"], int(output["value"] * _SATOSHIS)

    async def alive(self) -> None:
        """Make sure that it answers.

        Raises:
            NodeError: It does not, or not yet.
        """
        await self._rpc.call("getblockchaininfo")

    async def fill(self) -> None:
        """Make the wallet that pays and give it coins.

        Raises:
            NodeError: The node did not answer.
        """
        await self._rpc.call("createwallet", self._wallet.removeprefix("/wallet/"))
        await self.mine(_MATURE)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._rpc.aclose()


@asynccontextmanager
async def running_bitcoind(*, block_seconds: float | None = None, under: Sequence[str] = ()) -> AsyncIterator[Bitcoind]:
    """Run a bitcoind on a free port, with a full wallet, for the length of the block.

    Args:
        block_seconds: While something is unconfirmed, a block comes this often; None leaves mining to the caller.
        under: A command to run it under, such as one that ends it with its parent.

    Raises:
        NodeMissing: It is not installed.
        NodeError: It does not start.
    """
    program = find(NAME, "bitcoind/bitcoind")
    with tempfile.TemporaryDirectory(prefix="baton-bitcoind-") as folder:
        port, password = free_port(), secrets.token_hex(16)
        _configure(Path(folder), password)
        async with running([*under, program, *_options(folder, port)]) as process:
            node = Bitcoind(f"http://{_USER}:{password}@127.0.0.1:{port}")
            try:
                await until_ready(NAME, process, node.alive)
                await node.fill()
                async with _mining(node, block_seconds):
                    yield node
            finally:
                await node.aclose()


@asynccontextmanager
async def _mining(node: Bitcoind, every: float | None) -> AsyncIterator[None]:
    mining = asyncio.create_task(node.mine_what_waits(every)) if every else None
    try:
        yield
    finally:
        if mining:
            mining.cancel()
            with suppress(asyncio.CancelledError, NodeError):
                await mining


def _configure(folder: Path, password: str) -> None:
    # Not on the command line, which other users of the machine can read.
    (folder / "bitcoin.conf").write_text(f"rpcuser={_USER}\nrpcpassword={password}\n", encoding="utf-8")


def _options(folder: str, port: int) -> Sequence[str]:
    return (
        "-regtest",
        f"-datadir={folder}",
        f"-rpcport={port}",
        "-rpcbind=127.0.0.1",
        "-rpcallowip=127.0.0.1",
        "-listen=0",
        "-connect=0",
        "-txindex=1",
        "-fallbackfee=0.0001",
        "-dbcache=16",
    )
