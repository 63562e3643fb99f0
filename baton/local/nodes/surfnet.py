"""Surfnet, a local Solana node. Payments are signed with `solders`, which is imported when it is first needed."""

import asyncio
import json
import os
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from baton.local.child_process import ChildProcess, running
from baton.local.nodes.local_node import NATIVE, NodeError, NodeMissing, NodePayment
from baton.local.nodes.programs import INSTALLED, not_installed
from baton.local.nodes.rpc import Rpc

if TYPE_CHECKING:
    from baton.local.nodes import spl

NAME = "surfnet"
TOKEN_DECIMALS = 6

_MODULE = INSTALLED / "surfnet/node_modules/@solana/surfpool-linux-x64-gnu"
_RUNNER = Path(__file__).with_name("surfnet.cjs")
_FIRST_SALT = 200_000
_LANDING_SECONDS = 20.0
_START_SECONDS = 30.0


class Surfnet:
    """A running Surfnet.

    Args:
        url: Its JSON-RPC endpoint.
        payer: Secret key of the account that pays, 64 bytes.
    """

    def __init__(self, url: str, payer: bytes) -> None:
        self.url = url
        self.payer = payer
        self._rpc = Rpc(NAME, url)
        # The node returns the same blockhash for a long time, so equal transactions need something else to differ by.
        self._salts = count(_FIRST_SALT)

    def new_address(self) -> str:
        """Return a fresh address.

        Raises:
            NodeMissing: `solders` is not installed.
        """
        address: str = _spl().new_address()
        return address

    async def pay(self, address: str, asset: str, amount: int) -> NodePayment:
        """Broadcast a transfer of a token or of SOL after the node has simulated it; see `LocalNode.pay`.

        Raises:
            NodeMissing: `solders` is not installed.
            NodeError: The transfer would fail, or the node did not answer.
        """
        signer = self._signer()
        native = asset == NATIVE
        instructions = signer.coins(address, amount) if native else signer.tokens(address, asset, amount)
        return NodePayment(await self._send(instructions), sender=signer.address)

    async def make_token(self, supply: int = 10**15) -> str:
        """Create a dollar token of six decimals, mint the supply to the payer, and return its mint.

        Raises:
            NodeMissing: `solders` is not installed.
            NodeError: The node refused, or no block came.
        """
        spl, signer = _spl(), self._signer()
        mint = spl.Keypair()
        rent = await self._rpc.call("getMinimumBalanceForRentExemption", spl.MINT_LENGTH)
        await self._wait_for_block(await self._send(signer.mint(mint, supply, rent), mint))
        return str(mint.pubkey())

    async def balance(self, mint: str, address: str) -> int:
        """Return an owner's balance of a token.

        Raises:
            NodeError: The node did not answer.
        """
        options = {"encoding": "jsonParsed"}
        reply = await self._rpc.call("getTokenAccountsByOwner", address, {"mint": mint}, options)
        infos = (entry["account"]["data"]["parsed"]["info"] for entry in reply["value"])
        return sum(int(info["tokenAmount"]["amount"]) for info in infos)

    async def status(self, signature: str) -> dict[str, Any] | None:
        """Return the status of a transaction; None while it is in no block.

        Raises:
            NodeError: The node did not answer.
        """
        reply = await self._rpc.call("getSignatureStatuses", [signature])
        status: dict[str, Any] | None = reply["value"][0]
        return status

    async def aclose(self) -> None:
        """Close the connections."""
        await self._rpc.aclose()

    def _signer(self) -> "spl.Signer":
        signer: spl.Signer = _spl().Signer(self.payer)
        return signer

    async def _send(self, instructions: Sequence[Any], *others: Any) -> str:
        blockhash = (await self._rpc.call("getLatestBlockhash"))["value"]["blockhash"]
        signed = self._signer().signed(instructions, blockhash, next(self._salts), *others)
        signature: str = await self._rpc.call("sendTransaction", signed, {"encoding": "base64"})
        return signature

    async def _wait_for_block(self, signature: str) -> None:
        deadline = time.monotonic() + _LANDING_SECONDS
        while (status := await self.status(signature)) is None:
            if time.monotonic() > deadline:
                raise NodeError(f"{NAME} confirmed no transaction within {_LANDING_SECONDS:g} s")
            await asyncio.sleep(0.02)
        if status["err"] is not None:
            raise NodeError(f"{NAME}: a transaction failed: {status['err']}")


@asynccontextmanager
async def running_surfnet(*, slot_milliseconds: int = 50) -> AsyncIterator[Surfnet]:
    """Run a Surfnet on free ports for the length of the block; a slot is final 31 slots later.

    Keep the block short: after some 90 seconds of steady calls Surfnet answers slowly.

    Args:
        slot_milliseconds: Length of a slot.

    Raises:
        NodeMissing: Surfnet or Node.js is not installed.
        NodeError: It did not start.
    """
    program = shutil.which("node")
    if program is None or not _MODULE.exists():
        raise not_installed(NAME)
    _spl()
    command = [program, str(_RUNNER), str(_MODULE), str(slot_milliseconds)]
    environment = {**os.environ, "RUST_LOG": "error"}
    async with running(command, environment=environment, pipes=True) as process:
        greeting = await _greeting(process)
        node = Surfnet(greeting["url"], bytes(greeting["payer"]))
        try:
            yield node
        finally:
            await node.aclose()


async def _greeting(process: ChildProcess) -> dict[str, Any]:
    """Return the URL and the payer's key that `surfnet.cjs` prints once the node runs."""
    try:
        greeting: dict[str, Any] = json.loads(await process.read_line(within=_START_SECONDS))
    except (TimeoutError, ValueError):
        raise NodeError(f"{NAME} did not say where it listens") from None
    return greeting


def _spl() -> ModuleType:
    try:
        from baton.local.nodes import spl
    except ImportError:
        raise NodeMissing("transfers on solana are signed with solders, which is missing; run `make env`") from None
    return spl
