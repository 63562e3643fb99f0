"""A real bitcoind for tests: regtest without peers, with the payer's and the partner's wallet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from baton.local.nodes import bitcoind as local_bitcoind
from baton.local.nodes.bitcoind import NAME, WALLET
from baton.local.nodes.rpc import Rpc
from tests.local.nodes.node_or_skip import node_or_skip

_PARTNER = "partner"
_SATOSHIS = Decimal(100_000_000)


class BitcoindDriver:
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
        """Make a call; amounts in the result are exact decimals.

        Raises:
            baton.local.nodes.rpc.RefusedCall: The node refused the call.
        """
        return await self._rpc.call(method, *params, path=f"/wallet/{wallet}" if wallet else "")

    async def address(self, kind: str = "bech32m") -> str:
        """Return a fresh address of the partner's wallet."""
        address: str = await self.rpc("getnewaddress", "", kind, wallet=_PARTNER)
        return address

    async def mine(self, blocks: int = 1) -> list[str]:
        """Mine blocks from the mempool; return their hashes."""
        reward = await self.rpc("getnewaddress", wallet=WALLET)
        hashes: list[str] = await self.rpc("generatetoaddress", blocks, reward)
        return hashes

    async def mine_empty(self) -> str:
        """Mine an empty block; return its hash."""
        reward = await self.rpc("getnewaddress", wallet=WALLET)
        block: str = (await self.rpc("generateblock", reward, []))["hash"]
        return block

    async def pay(self, address: str, amount: int) -> str:
        """Pay satoshis from the payer's wallet; return the id of the transaction, which stays in the mempool."""
        return await self.pay_each({address: amount})

    async def pay_each(self, amounts: dict[str, int]) -> str:
        """Pay several addresses in one transaction."""
        coins = {address: _coins(amount) for address, amount in amounts.items()}
        tx_id: str = await self.rpc("sendmany", "", coins, wallet=WALLET)
        await self._settle()
        return tx_id

    async def pay_twice(self, address: str, first: int, second: int) -> str:
        """Pay one taproot address with two outputs of one transaction, which bitcoind's wallet cannot do by itself."""
        other = await self.address()
        raw = await self.rpc("createrawtransaction", [], [{address: _coins(first)}, {other: _coins(second)}])
        raw = raw.replace(await self.script(other), await self.script(address))
        funded = await self.rpc("fundrawtransaction", raw, wallet=WALLET)
        signed = await self.rpc("signrawtransactionwithwallet", funded["hex"], wallet=WALLET)
        tx_id: str = await self.rpc("sendrawtransaction", signed["hex"])
        await self._settle()
        return tx_id

    async def replace(self, tx_id: str) -> str:
        """Replace a transaction of the payer by one with a higher fee; return the id of the new one."""
        replacement: str = (await self.rpc("bumpfee", tx_id, {"fee_rate": 50}, wallet=WALLET))["txid"]
        await self._settle()
        return replacement

    async def take_back(self, tx_id: str) -> str:
        """Replace a transaction of the payer by one that pays the payer's own wallet."""
        home = await self.rpc("getnewaddress", wallet=WALLET)
        options = {"fee_rate": 60, "outputs": [{home: "0.0001"}]}
        replacement: str = (await self.rpc("bumpfee", tx_id, options, wallet=WALLET))["txid"]
        await self._settle()
        return replacement

    async def sweep(self, to: str, amount: int) -> str:
        """Pay from the partner's wallet, which holds the deposits."""
        tx_id: str = await self.rpc("sendtoaddress", to, _coins(amount), wallet=_PARTNER)
        await self._settle()
        return tx_id

    async def reorg(self, depth: int) -> None:
        """Replace the newest blocks by empty ones and one more; their transactions return to the mempool."""
        height = await self.rpc("getblockcount")
        await self.rpc("invalidateblock", await self.rpc("getblockhash", height - depth + 1))
        for _ in range(depth + 1):
            await self.mine_empty()
        await self._settle()

    async def _settle(self) -> None:
        """Wait until every wallet knows all transactions of the mempool."""
        await self.rpc("syncwithvalidationinterfacequeue")

    async def script(self, address: str) -> str:
        """Return an address's output script in hexadecimal."""
        script: str = (await self.rpc("validateaddress", address))["scriptPubKey"]
        return script


def _coins(amount: int) -> str:
    return f"{amount / _SATOSHIS:.8f}"


@asynccontextmanager
async def running_bitcoind() -> AsyncIterator[BitcoindDriver]:
    """Run a node with 110 blocks, of which ten rewards can be spent, for the length of the block."""
    async with node_or_skip(local_bitcoind.running_bitcoind(), optional=True) as running:
        node = BitcoindDriver(running.url)
        try:
            await node.rpc("createwallet", _PARTNER)
            yield node
        finally:
            await node.aclose()
