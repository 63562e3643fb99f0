"""Bitcoind, a local Bitcoin node on regtest without peers; its wallet has coins to spend at once."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from pathlib import Path

from baton.local.child_process import running
from baton.local.nodes.local_node import NATIVE, NodeError, NodePayment
from baton.local.nodes.ports import free_port
from baton.local.nodes.programs import find_program, require_ready
from baton.local.nodes.rpc import Rpc
from baton.local.nodes.segwit import segwit_address

NAME = "bitcoind"
WALLET = "payer"
"""The wallet that pays."""

_USER = "baton"
_SATOSHIS = Decimal(100_000_000)
_HRP = "bcrt"
_FIRST_BLOCKS = 110
"""Ten more than it takes until the first block's reward can be spent."""


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
        """Return a fresh regtest address (P2WPKH)."""
        return segwit_address(_HRP, secrets.token_bytes(20))

    async def pay(self, address: str, asset: str, amount: int) -> NodePayment:
        """Pay satoshis; the transaction stays in the mempool until a block is mined. See `LocalNode.pay`.

        Raises:
            NodeError: The node refused it or did not answer, or the asset is not bitcoin.
        """
        if asset != NATIVE:
            raise NodeError(f"{NAME} pays only bitcoin, not {asset}")
        coins = f"{amount / _SATOSHIS:.8f}"
        tx_id: str = await self._rpc.call("sendmany", "", {address: coins}, path=self._wallet)
        transaction = await self._rpc.call("gettransaction", tx_id, path=self._wallet)
        outputs = (detail["vout"] for detail in transaction["details"] if detail.get("address") == address)
        return NodePayment(tx_id, vout=next(outputs))

    async def mine(self, blocks: int = 1) -> None:
        """Mine blocks from the mempool.

        Raises:
            NodeError: The node did not answer.
        """
        reward = await self._rpc.call("getnewaddress", path=self._wallet)
        await self._rpc.call("generatetoaddress", blocks, reward)

    async def keep_mining(self, every: float) -> None:
        """Mine a block every so many seconds while the mempool is not empty; never returns.

        Raises:
            NodeError: The node did not answer.
        """
        while True:
            await asyncio.sleep(every)
            if (await self._rpc.call("getmempoolinfo"))["size"]:
                await self.mine()

    async def confirmations(self, tx_id: str) -> int:
        """Return the confirmations of a transaction of the wallet; 0 in the mempool.

        Raises:
            NodeError: The node does not know it, or did not answer.
        """
        return int((await self._rpc.call("gettransaction", tx_id, path=self._wallet))["confirmations"])

    async def received(self, tx_id: str, vout: int) -> tuple[str, int]:
        """Return address and satoshis of one output of a transaction of the wallet.

        Raises:
            NodeError: The node does not know it, or did not answer.
        """
        transaction = await self._rpc.call("gettransaction", tx_id, False, True, path=self._wallet)
        output = transaction["decoded"]["vout"][vout]
        return output["scriptPubKey"]["address"], int(output["value"] * _SATOSHIS)

    async def ping(self) -> None:
        """Make sure that the node answers.

        Raises:
            NodeError: It does not, or not yet.
        """
        await self._rpc.call("getblockchaininfo")

    async def fund_wallet(self) -> None:
        """Create the wallet that pays, and mine coins to it.

        Raises:
            NodeError: The node did not answer.
        """
        await self._rpc.call("createwallet", self._wallet.removeprefix("/wallet/"))
        await self.mine(_FIRST_BLOCKS)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._rpc.aclose()


@asynccontextmanager
async def running_bitcoind(*, block_seconds: float | None = None) -> AsyncIterator[Bitcoind]:
    """Run a bitcoind with a funded wallet on a free port, for the length of the block.

    Args:
        block_seconds: Seconds between two blocks while the mempool is not empty; None leaves mining to the caller.

    Raises:
        NodeMissing: Bitcoind is not installed.
        NodeError: It did not start.
    """
    program = find_program(NAME, "bitcoind/bitcoind")
    with tempfile.TemporaryDirectory(prefix="baton-bitcoind-") as folder:
        port, password = free_port(), secrets.token_hex(16)
        _configure(Path(folder), password)
        async with running([program, *_options(folder, port)]) as process:
            node = Bitcoind(f"http://{_USER}:{password}@127.0.0.1:{port}")
            try:
                await require_ready(NAME, process, node.ping)
                await node.fund_wallet()
                async with _mining(node, block_seconds):
                    yield node
            finally:
                await node.aclose()


@asynccontextmanager
async def _mining(node: Bitcoind, every: float | None) -> AsyncIterator[None]:
    mining = asyncio.create_task(node.keep_mining(every)) if every else None
    try:
        yield
    finally:
        if mining:
            mining.cancel()
            with suppress(asyncio.CancelledError, NodeError):
                await mining


def _configure(folder: Path, password: str) -> None:
    # Other users of the machine can read a command line, so the password is not an option.
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
