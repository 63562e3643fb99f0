"""A real bitcoind for tests: regtest, alone, with one wallet that pays and one that is paid."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from baton.local.nodes import bitcoind as local_bitcoind
from baton.local.nodes.bitcoind import NAME, WALLET
from baton.local.nodes.rpc import Rpc
from tests.local.nodes.having import having

_PARTNER = "partner"
_SATOSHIS = Decimal(100_000_000)


class Bitcoind:
    """A running node.

    Attributes:
        url: Its RPC with user and password.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._rpc = Rpc(NAME, url, timeout=60)

    async def aclose(self) -> None:
        await self._rpc.aclose()

    async def rpc(self, method: str, *params: Any, wallet: str | None = None) -> Any:
        """Make a call; amounts come as exact decimals.

        Raises:
            baton.local.nodes.rpc.RefusedCall: It was refused.
        """
        return await self._rpc.call(method, *params, path=f"/wallet/{wallet}" if wallet else "")

    async def address(self, kind: str = "bech32m") -> str:
        """Return a fresh address of the partner's wallet."""
        told: str = await self.rpc("getnewaddress", "", kind, wallet=_PARTNER)
        return told

    async def mine(self, blocks: int = 1) -> list[str]:
        """Mine blocks with what is in the mempool; return their hashes."""
        reward = await self.rpc("getnewaddress", wallet=WALLET)
        told: list[str] = await self.rpc("generatetoaddress", blocks, reward)
        return told

    async def mine_empty(self) -> str:
        """Mine a block that leaves the mempool as it is; return its hash."""
        reward = await self.rpc("getnewaddress", wallet=WALLET)
        told: str = (await self.rpc("generateblock", reward, []))["hash"]
        return told

    async def pay(self, address: str, amount: int) -> str:
        """Pay satoshis from the payer's wallet; return the transaction, which stays in the mempool."""
        return await self.pay_each({address: amount})

    async def pay_each(self, amounts: dict[str, int]) -> str:
        """Pay several addresses in one transaction."""
        coins = {address: _coins(amount) for address, amount in amounts.items()}
        told: str = await self.rpc("sendmany", "", coins, wallet=WALLET)
        await self._settle()
        return told

    async def pay_twice(self, address: str, first: int, second: int) -> str:
        """Pay one taproot address by two outputs of one transaction, which bitcoind's wallet does not do by itself."""
        other = await self.address()
        raw = await self.rpc("createrawtransaction", [], [{address: _coins(first)}, {other: _coins(second)}])
        raw = raw.replace(await self.script(other), await self.script(address))
        funded = await self.rpc("fundrawtransaction", raw, wallet=WALLET)
        signed = await self.rpc("signrawtransactionwithwallet", funded["hex"], wallet=WALLET)
        told: str = await self.rpc("sendrawtransaction", signed["hex"])
        await self._settle()
        return told

    async def replace(self, tx_id: str) -> str:
        """Replace a transaction of the payer by one with a higher fee; return the new one."""
        told: str = (await self.rpc("bumpfee", tx_id, {"fee_rate": 50}, wallet=WALLET))["txid"]
        await self._settle()
        return told

    async def take_back(self, tx_id: str) -> str:
        """Replace a transaction of the payer by one that pays the payer."""
        home = await self.rpc("getnewaddress", wallet=WALLET)
        options = {"fee_rate": 60, "outputs": [{home: "0.0001"}]}
        told: str = (await self.rpc("bumpfee", tx_id, options, wallet=WALLET))["txid"]
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


@asynccontextmanager
async def running_bitcoind() -> AsyncIterator[Bitcoind]:
    """Start a node with 110 blocks, ten of whose rewards can be spent; it ends with the context."""
    async with having(local_bitcoind.running_bitcoind(), optional=True) as running:
        node = Bitcoind(running.url)
        try:
            await node.rpc("createwallet", _PARTNER)
            yield node
        finally:
            await node.aclose()
