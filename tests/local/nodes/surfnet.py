"""A real Solana node for tests: Surfnet, with the actions of payers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from baton.local.nodes import surfnet as local_surfnet
from baton.local.nodes.rpc import Rpc
from baton.local.nodes.spl import MINT_LENGTH, TOKEN_DECIMALS, Signer
from tests.eventually import eventually
from tests.local.nodes.node_or_skip import node_or_skip

DECIMALS = TOKEN_DECIMALS


class SurfnetDriver:
    """A running node, with an account on it that pays for everything.

    Attributes:
        url: Its JSON-RPC endpoint.
        payer: Has SOL, and is the authority of every mint that is made here.
    """

    def __init__(self, url: str, secret: bytes) -> None:
        self.url = url
        self.payer = Keypair.from_bytes(secret)
        self._signer = Signer(secret)
        self._rpc = Rpc(local_surfnet.NAME, url)
        self._salts = count(500_000)

    async def rpc(self, method: str, *params: Any) -> Any:
        return await self._rpc.call(method, *params)

    async def aclose(self) -> None:
        await self._rpc.aclose()

    async def airdrop(self, address: str, lamports: int) -> None:
        await self.rpc("requestAirdrop", address, lamports)
        await eventually(lambda: self.rpc("getBalance", address), lambda balance: balance["value"] >= lamports)

    async def send(self, instructions: Sequence[Instruction], *signers: Keypair, fails: bool = False) -> str:
        """Send a transaction, and return its signature once it is in a block, failed or not as `fails` says."""
        blockhash = (await self.rpc("getLatestBlockhash"))["value"]["blockhash"]
        signed = self._signer.signed(instructions, blockhash, next(self._salts), *signers)
        signature: str = await self.rpc("sendTransaction", signed, {"encoding": "base64", "skipPreflight": fails})

        async def status() -> Any:
            return (await self.rpc("getSignatureStatuses", [signature]))["value"][0]

        confirmed = await eventually(status)
        assert (confirmed["err"] is not None) is fails, confirmed
        return signature

    async def send_sol(self, to: str, lamports: int) -> str:
        return await self.send([self.sol(to, lamports)])

    def sol(self, to: str, lamports: int) -> Instruction:
        return self._signer.coins(to, lamports)[0]

    async def create_mint(self, supply: int) -> str:
        """Create a mint of six decimals and give its whole supply to the payer."""
        mint = Keypair()
        rent = await self.rpc("getMinimumBalanceForRentExemption", MINT_LENGTH)
        await self.send(self._signer.mint(mint, supply, rent), mint)
        return str(mint.pubkey())

    def account_for(self, owner: str, mint: str) -> Instruction:
        """Return the instruction that creates an owner's associated token account."""
        return self._signer.account(Pubkey.from_string(owner), Pubkey.from_string(mint))

    def tokens(self, owner: str, mint: str, amount: int) -> Instruction:
        """Return the instruction that transfers the payer's tokens to an owner's associated token account."""
        return self._signer.tokens(owner, mint, amount)[-1]

    async def pay(self, owner: str, mint: str, amount: int) -> str:
        """Pay tokens to an owner, and create the token account if it is missing, as wallets do."""
        return await self.send(self._signer.tokens(owner, mint, amount))


@asynccontextmanager
async def running_surfnet(slot_milliseconds: int = 50) -> AsyncIterator[SurfnetDriver]:
    """Run a node on free loopback ports for the length of the block; a slot is final 31 slots later."""
    async with node_or_skip(local_surfnet.running_surfnet(slot_milliseconds=slot_milliseconds)) as running:
        node = SurfnetDriver(running.url, running.payer)
        try:
            yield node
        finally:
            await node.aclose()
