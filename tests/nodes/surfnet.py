"""A real Solana node for tests: Surfnet on free ports, with what payers do there."""

import asyncio
import json
import os
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import CreateAccountParams, TransferParams, create_account, transfer
from solders.token import ID as TOKEN_PROGRAM
from solders.token.associated import get_associated_token_address
from solders.transaction import Transaction

from tests.eventually import eventually

DECIMALS = 6
REQUIRED = "BATON_REQUIRE_NODES"
"""Set to 1 where a machine without Surfnet must fail the tests instead of skipping them."""

_MODULE = Path(__file__).parents[2] / ".baton/nodes/surfnet/node_modules/@solana/surfpool-linux-x64-gnu"
_RUNNER = Path(__file__).with_name("surfnet.cjs")
_ASSOCIATED_TOKEN_PROGRAM = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
_COMPUTE_BUDGET_PROGRAM = Pubkey.from_string("ComputeBudget111111111111111111111111111111")
_SYSTEM_PROGRAM = Pubkey.from_string("11111111111111111111111111111111")
_MINT_LENGTH = 82


def missing() -> str | None:
    """Return why no Surfnet can be started, as a sentence; None when one can."""
    if shutil.which("node") and _MODULE.exists():
        return None
    return "Surfnet is not installed; run tests/nodes/install.sh surfnet"


def require_surfnet() -> None:
    """Skip the test where there is no Surfnet; fail it where there must be one."""
    reason = missing()
    if reason and os.environ.get(REQUIRED) == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


class Surfnet:
    """A running node, and an account on it that pays for everything.

    Attributes:
        url: Its JSON-RPC endpoint.
        payer: Holds SOL, and is the authority of every mint made here.
    """

    def __init__(self, url: str, payer: Keypair, http: httpx.AsyncClient) -> None:
        self.url = url
        self.payer = payer
        self._http = http
        self._salt = count(200_000)

    async def rpc(self, method: str, *params: Any) -> Any:
        answer = await self._http.post(
            self.url, json={"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        )
        told = answer.json()
        assert "error" not in told, (method, told["error"])
        return told["result"]

    async def airdrop(self, address: str, lamports: int) -> None:
        await self.rpc("requestAirdrop", address, lamports)
        await eventually(lambda: self.rpc("getBalance", address), lambda told: told["value"] >= lamports)

    async def send(self, instructions: Sequence[Instruction], *signers: Keypair, fails: bool = False) -> str:
        """Send a transaction and return its signature once it is in a block; with `fails` it must have failed there."""
        # The node gives the same block hash for long: the budget keeps two equal transactions apart.
        budget = Instruction(_COMPUTE_BUDGET_PROGRAM, b"\x02" + next(self._salt).to_bytes(4, "little"), [])
        blockhash = Hash.from_string((await self.rpc("getLatestBlockhash"))["value"]["blockhash"])
        message = Message([budget, *instructions], self.payer.pubkey())
        signed = Transaction([self.payer, *signers], message, blockhash)
        how = {"encoding": "base64", "skipPreflight": fails}
        signature: str = await self.rpc("sendTransaction", b64encode(bytes(signed)).decode(), how)

        async def status() -> Any:
            return (await self.rpc("getSignatureStatuses", [signature]))["value"][0]

        landed = await eventually(status)
        assert (landed["err"] is not None) is fails, landed
        return signature

    async def send_sol(self, to: str, lamports: int) -> str:
        return await self.send([self.sol(to, lamports)])

    def sol(self, to: str, lamports: int) -> Instruction:
        return transfer(
            TransferParams(from_pubkey=self.payer.pubkey(), to_pubkey=Pubkey.from_string(to), lamports=lamports)
        )

    async def create_mint(self, supply: int) -> str:
        """Create a mint of six decimals and give its whole supply to the payer."""
        mint = Keypair()
        rent = await self.rpc("getMinimumBalanceForRentExemption", _MINT_LENGTH)
        made = create_account(
            CreateAccountParams(
                from_pubkey=self.payer.pubkey(),
                to_pubkey=mint.pubkey(),
                lamports=rent,
                space=_MINT_LENGTH,
                owner=TOKEN_PROGRAM,
            )
        )
        start = bytes((20, DECIMALS)) + bytes(self.payer.pubkey()) + b"\0"
        initialize = Instruction(TOKEN_PROGRAM, start, [AccountMeta(mint.pubkey(), False, True)])
        own = get_associated_token_address(self.payer.pubkey(), mint.pubkey())
        issue = Instruction(
            TOKEN_PROGRAM,
            b"\x07" + supply.to_bytes(8, "little"),
            [
                AccountMeta(mint.pubkey(), False, True),
                AccountMeta(own, False, True),
                AccountMeta(self.payer.pubkey(), True, False),
            ],
        )
        address = str(mint.pubkey())
        await self.send([made, initialize, self.account_for(str(self.payer.pubkey()), address), issue], mint)
        return address

    def account_for(self, owner: str, mint: str) -> Instruction:
        """Return the instruction that makes the associated token account of an owner."""
        wallet, token = Pubkey.from_string(owner), Pubkey.from_string(mint)
        return Instruction(
            _ASSOCIATED_TOKEN_PROGRAM,
            b"\x01",
            [
                AccountMeta(self.payer.pubkey(), True, True),
                AccountMeta(get_associated_token_address(wallet, token), False, True),
                AccountMeta(wallet, False, False),
                AccountMeta(token, False, False),
                AccountMeta(_SYSTEM_PROGRAM, False, False),
                AccountMeta(TOKEN_PROGRAM, False, False),
            ],
        )

    def tokens(self, owner: str, mint: str, amount: int) -> Instruction:
        """Return the instruction by which the payer's tokens go to an owner's associated token account."""
        wallet, token = Pubkey.from_string(owner), Pubkey.from_string(mint)
        return Instruction(
            TOKEN_PROGRAM,
            b"\x0c" + amount.to_bytes(8, "little") + bytes((DECIMALS,)),
            [
                AccountMeta(get_associated_token_address(self.payer.pubkey(), token), False, True),
                AccountMeta(token, False, False),
                AccountMeta(get_associated_token_address(wallet, token), False, True),
                AccountMeta(self.payer.pubkey(), True, False),
            ],
        )

    async def pay(self, owner: str, mint: str, amount: int) -> str:
        """Pay tokens to an owner whose account is made where it is missing, as wallets do."""
        return await self.send([self.account_for(owner, mint), self.tokens(owner, mint, amount)])


@asynccontextmanager
async def running_surfnet(slot_milliseconds: int = 50) -> AsyncIterator[Surfnet]:
    """Start a node on free loopback ports; a slot is final 31 slots later. It ends with the context."""
    node = shutil.which("node")
    assert node, missing()
    process = await asyncio.create_subprocess_exec(
        node,
        str(_RUNNER),
        str(_MODULE),
        str(slot_milliseconds),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "RUST_LOG": "error"},
    )
    assert process.stdin
    assert process.stdout
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        assert line, "Surfnet ended before it told where it listens"
        told = json.loads(line)
        async with httpx.AsyncClient(timeout=20) as http:
            yield Surfnet(told["url"], Keypair.from_bytes(bytes(told["payer"])), http)
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 15)
