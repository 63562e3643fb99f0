"""A real bitcoind for tests: regtest, alone, on a free port, with one wallet that pays and one that is paid."""

import asyncio
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.eventually import eventually

REQUIRED = "BATON_REQUIRE_BITCOIND"
"""Set to 1 where a machine without bitcoind must fail the tests instead of skipping them."""

_INSTALLED = Path(__file__).parents[2] / ".baton/nodes/bitcoind/bitcoind"
_USER = "baton"
_PAYER = "payer"
_PARTNER = "partner"
_SATOSHIS = Decimal(100_000_000)
_START_LIMIT = 30.0
_STOP_LIMIT = 15.0


class RpcError(Exception):
    """bitcoind refused a call."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


def missing() -> str | None:
    """Return why no bitcoind can be started, as a sentence; None when one can."""
    return None if _binary() else "bitcoind is not installed; run tests/nodes/install.sh bitcoind"


def _binary() -> str | None:
    return str(_INSTALLED) if _INSTALLED.exists() else shutil.which("bitcoind")


class Bitcoind:
    """A running node.

    Attributes:
        url: Its RPC with user and password.
    """

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url = url
        self._http = http

    async def rpc(self, method: str, *params: Any, wallet: str | None = None) -> Any:
        """Make a call; amounts come as exact decimals.

        Raises:
            RpcError: It was refused.
        """
        path = f"/wallet/{wallet}" if wallet else ""
        body = {"jsonrpc": "1.0", "id": 0, "method": method, "params": list(params)}
        answer = (await self._http.post(self.url + path, json=body)).json(parse_float=Decimal)
        if answer["error"]:
            raise RpcError(answer["error"]["code"], answer["error"]["message"])
        return answer["result"]

    async def address(self, kind: str = "bech32m") -> str:
        """Return a fresh address of the partner's wallet."""
        told: str = await self.rpc("getnewaddress", "", kind, wallet=_PARTNER)
        return told

    async def mine(self, blocks: int = 1) -> list[str]:
        """Mine blocks with what is in the mempool; return their hashes."""
        reward = await self.rpc("getnewaddress", wallet=_PAYER)
        told: list[str] = await self.rpc("generatetoaddress", blocks, reward)
        return told

    async def mine_empty(self) -> str:
        """Mine a block that leaves the mempool as it is; return its hash."""
        reward = await self.rpc("getnewaddress", wallet=_PAYER)
        told: str = (await self.rpc("generateblock", reward, []))["hash"]
        return told

    async def pay(self, address: str, amount: int) -> str:
        """Pay satoshis from the payer's wallet; return the transaction, which stays in the mempool."""
        return await self.pay_each({address: amount})

    async def pay_each(self, amounts: dict[str, int]) -> str:
        """Pay several addresses in one transaction."""
        coins = {address: _coins(amount) for address, amount in amounts.items()}
        told: str = await self.rpc("sendmany", "", coins, wallet=_PAYER)
        await self._settle()
        return told

    async def pay_twice(self, address: str, first: int, second: int) -> str:
        """Pay one taproot address by two outputs of one transaction, which bitcoind's wallet does not do by itself."""
        other = await self.address()
        raw = await self.rpc("createrawtransaction", [], [{address: _coins(first)}, {other: _coins(second)}])
        raw = raw.replace(await self.script(other), await self.script(address))
        funded = await self.rpc("fundrawtransaction", raw, wallet=_PAYER)
        signed = await self.rpc("signrawtransactionwithwallet", funded["hex"], wallet=_PAYER)
        told: str = await self.rpc("sendrawtransaction", signed["hex"])
        await self._settle()
        return told

    async def replace(self, tx_id: str) -> str:
        """Replace a transaction of the payer by one with a higher fee; return the new one."""
        told: str = (await self.rpc("bumpfee", tx_id, {"fee_rate": 50}, wallet=_PAYER))["txid"]
        await self._settle()
        return told

    async def take_back(self, tx_id: str) -> str:
        """Replace a transaction of the payer by one that pays the payer."""
        home = await self.rpc("getnewaddress", wallet=_PAYER)
        options = {"fee_rate": 60, "outputs": [{home: "0.0001"}]}
        told: str = (await self.rpc("bumpfee", tx_id, options, wallet=_PAYER))["txid"]
        await self._settle()
        return told

    async def sweep(self, to: str, amount: int) -> str:
        """Pay from the partner's wallet, which holds what was deposited."""
        told: str = await self.rpc("sendtoaddress", to, _coins(amount), wallet=_PARTNER)
        await self._settle()
        return told

    async def reorganise(self, depth: int) -> None:
        """Replace the newest blocks by as many empty ones and one more; what they held is in the mempool again."""
        height = await self.rpc("getblockcount")
        await self.rpc("invalidateblock", await self.rpc("getblockhash", height - depth + 1))
        for _ in range(depth + 1):
            await self.mine_empty()
        await self._settle()

    async def _settle(self) -> None:
        """Wait until every wallet knows what the mempool knows."""
        await self.rpc("syncwithvalidationinterfacequeue")

    async def script(self, address: str) -> str:
        """Return an address's output script in hexadecimal."""
        told: str = (await self.rpc("validateaddress", address))["scriptPubKey"]
        return told


def _coins(amount: int) -> str:
    return f"{amount / _SATOSHIS:.8f}"


def require_bitcoind() -> None:
    """Skip the test where there is no bitcoind; fail it where there has to be one."""
    reason = missing()
    if reason and os.environ.get(REQUIRED) == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@asynccontextmanager
async def running_bitcoind() -> AsyncIterator[Bitcoind]:
    """Start a node with 110 blocks, ten of whose rewards can be spent; it ends with the context."""
    binary = _binary()
    assert binary, missing()
    with tempfile.TemporaryDirectory(prefix="baton-bitcoind-") as folder:
        port, password = _free_port(), secrets.token_hex(8)
        log = Path(folder, "output").open("wb")  # noqa: ASYNC230, SIM115
        process = await asyncio.create_subprocess_exec(
            binary, *_options(folder, port, password), stdout=log, stderr=asyncio.subprocess.STDOUT
        )
        try:
            async with httpx.AsyncClient(timeout=60) as http:
                node = Bitcoind(f"http://{_USER}:{password}@127.0.0.1:{port}", http)
                await _prepare(node, process)
                yield node
        finally:
            await _stop(process)
            log.close()


def _options(folder: str, port: int, password: str) -> Sequence[str]:
    return (
        "-regtest",
        f"-datadir={folder}",
        f"-rpcport={port}",
        f"-rpcuser={_USER}",
        f"-rpcpassword={password}",
        "-rpcbind=127.0.0.1",
        "-rpcallowip=127.0.0.1",
        "-listen=0",
        "-connect=0",
        "-txindex=1",
        "-fallbackfee=0.0001",
        "-dbcache=16",
    )


async def _prepare(node: Bitcoind, process: asyncio.subprocess.Process) -> None:
    async def answers() -> bool:
        assert process.returncode is None, "bitcoind ended right after its start"
        try:
            return bool(await node.rpc("getblockchaininfo"))
        except (httpx.HTTPError, RpcError):
            return False

    await eventually(answers, within=_START_LIMIT)
    for wallet in (_PAYER, _PARTNER):
        await node.rpc("createwallet", wallet)
    await node.mine(110)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_LIMIT)
        except TimeoutError:
            process.kill()
            await process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
