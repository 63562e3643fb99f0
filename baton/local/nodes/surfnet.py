"""A Solana node: Surfnet. What is paid on it is signed with `solders`, which is imported when it is first needed."""

import asyncio
import json
import os
import shutil
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from baton.local.nodes.node import NATIVE, NodeError, NodeMissing, NodePayment
from baton.local.nodes.processes import INSTALLED, missing, running
from baton.local.nodes.rpc import Rpc

if TYPE_CHECKING:
    from baton.local.nodes import spl

NAME = "surfnet"
TOKEN_DECIMALS = 6

_MODULE = INSTALLED / "surfnet/node_modules/@solana/surfpool-linux-x64-gnu"
_RUNNER = Path(__file__).with_name("surfnet.cjs")
_FIRST_SALT = 200_000
_LANDING_LIMIT = 20.0
_START_LIMIT = 30.0


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
        # The node tells the same block for long, so something else has to keep equal transactions apart.
        self._salts = count(_FIRST_SALT)

    def new_address(self) -> str:
        """Return a fresh address.

        Raises:
            NodeMissing: `solders` is not installed.
        """
        address: str = _spl().new_address()
        return address

    async def pay(self, address: str, asset: str, amount: int) -> NodePayment:
        """Broadcast a transfer of a token or of SOL, once the node has tried that it succeeds; see `Node.pay`.

        Raises:
            NodeMissing: `solders` is not installed.
            NodeError: The transfer would fail, or the node did not answer.
        """
        signer = self._signer()
        what = signer.coins(address, amount) if asset == NATIVE else signer.tokens(address, asset, amount)
        return NodePayment(await self._send(what), sender=signer.address)

    async def make_token(self, supply: int = 10**15) -> str:
        """Make a dollar of six decimals, give that much of it to the payer, and return its mint.

        Raises:
            NodeMissing: `solders` is not installed.
            NodeError: The node refused, or no block came.
        """
        spl, signer = _spl(), self._signer()
        mint = spl.Keypair()
        rent = await self._rpc.call("getMinimumBalanceForRentExemption", spl.MINT_LENGTH)
        await self._landed(await self._send(signer.mint(mint, supply, rent), mint))
        return str(mint.pubkey())

    async def balance(self, mint: str, address: str) -> int:
        """Return how much of a token an owner has.

        Raises:
            NodeError: The node did not answer.
        """
        how = {"encoding": "jsonParsed"}
        told = await self._rpc.call("getTokenAccountsByOwner", address, {"mint": mint}, how)
        infos = (one["account"]["data"]["parsed"]["info"] for one in told["value"])
        return sum(int(info["tokenAmount"]["amount"]) for info in infos)

    async def status(self, signature: str) -> dict[str, Any] | None:
        """Return how far a transaction is; None while no block holds it.

        Raises:
            NodeError: The node did not answer.
        """
        told: dict[str, Any] | None = (await self._rpc.call("getSignatureStatuses", [signature]))["value"][0]
        return told

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

    async def _landed(self, signature: str) -> None:
        deadline = time.monotonic() + _LANDING_LIMIT
        while (told := await self.status(signature)) is None:
            if time.monotonic() > deadline:
                raise NodeError(f"{NAME} took no transaction into a block within {_LANDING_LIMIT:g} s")
            await asyncio.sleep(0.02)
        if told["err"] is not None:
            raise NodeError(f"{NAME}: a transaction failed: {told['err']}")


@asynccontextmanager
async def running_surfnet(*, slot_milliseconds: int = 50, under: Sequence[str] = ()) -> AsyncIterator[Surfnet]:
    """Run a Surfnet on free ports for the length of the block; a slot is final 31 slots later.

    Keep it short: after some 90 seconds of steady calls it answers slowly.

    Args:
        slot_milliseconds: Length of a slot.
        under: A command to run it under. It ends by itself with its parent.

    Raises:
        NodeMissing: It is not installed, or Node.js is missing.
        NodeError: It does not start.
    """
    program = shutil.which("node")
    if program is None or not _MODULE.exists():
        raise missing(NAME)
    _spl()
    command = [*under, program, str(_RUNNER), str(_MODULE), str(slot_milliseconds)]
    environment = {**os.environ, "RUST_LOG": "error"}
    async with running(command, stdin=PIPE, stdout=PIPE, env=environment) as process:
        assert process.stdout
        told = await _first_line(process.stdout)
        node = Surfnet(told["url"], bytes(told["payer"]))
        try:
            yield node
        finally:
            await node.aclose()


async def _first_line(output: asyncio.StreamReader) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(await asyncio.wait_for(output.readline(), _START_LIMIT))
    except (TimeoutError, ValueError):
        raise NodeError(f"{NAME} did not tell where it listens") from None
    return told


def _spl() -> ModuleType:
    try:
        from baton.local.nodes import spl
    except ImportError:
        raise NodeMissing("transfers on solana are signed with solders, which is missing; run `make env`") from None
    return spl
