"""Solana deposits on a real node, found by the reader through plain JSON-RPC."""

import json
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.token.associated import get_associated_token_address

from baton.chains.deposits import NATIVE, Deposit, DepositState, Watch
from baton.chains.http import Provider
from baton.chains.solana.reader import SolanaReader
from baton.chains.spec import ChainSpec, Family, Token
from tests.eventually import eventually
from tests.local.nodes.fault_proxy import FaultProxy
from tests.local.nodes.surfnet import DECIMALS, SurfnetDriver, running_surfnet

pytestmark = [pytest.mark.nodes, pytest.mark.timeout(120)]

SUPPLY = 10**15


@pytest.fixture(scope="module")
async def node() -> AsyncIterator[SurfnetDriver]:
    async with running_surfnet(slot_milliseconds=100) as running:
        yield running


@pytest.fixture(scope="module")
async def usdc(node: SurfnetDriver) -> str:
    return await node.create_mint(SUPPLY)


def address() -> str:
    return str(Keypair().pubkey())


class SolanaPoller:
    """Keeps a cursor between polls, as the service does, and the deposits that were reported."""

    def __init__(
        self,
        node: SurfnetDriver,
        usdc: str,
        *addresses: str,
        transport: httpx.AsyncBaseTransport | None = None,
        **options: Any,
    ) -> None:
        spec = ChainSpec(
            name="solana",
            family=Family.SOLANA,
            native="SOL",
            native_decimals=9,
            tokens={"USDC": Token(contract=usdc, decimals=DECIMALS)},
            block_seconds=0.1,
        )
        self.provider = Provider(node.url, transport=transport)
        self._reader = SolanaReader(spec, self.provider, **options)
        since = datetime.now(UTC) - timedelta(minutes=1)
        self.watches = [Watch(address=address, since=since) for address in addresses]
        self.cursor: str | None = None
        self.unreadable: tuple[str, ...] = ()
        self.reported: dict[tuple[str, str, str], Deposit] = {}

    async def __aenter__(self) -> "SolanaPoller":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reader.aclose()

    async def poll(self) -> list[Deposit]:
        scan = await self._reader.scan(self.watches, self.cursor)
        assert scan.unread == frozenset()
        self.cursor, self.unreadable = scan.cursor, scan.unreadable
        self.reported |= {deposit.key: deposit for deposit in scan.deposits}
        return scan.deposits

    async def find(self, count: int) -> list[Deposit]:
        """Poll until so many deposits were reported in all."""

        async def all_deposits() -> list[Deposit]:
            await self.poll()
            return list(self.reported.values())

        return await eventually(all_deposits, lambda deposits: len(deposits) >= count)

    async def finalize(self) -> list[Deposit]:
        """Poll until the cursor has passed all deposits; return the latest report of each."""
        await eventually(self.poll, lambda deposits: not deposits)
        assert {deposit.state for deposit in self.reported.values()} == {DepositState.FINAL}
        return list(self.reported.values())

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        return await self._reader.recheck(deposit)


async def test_a_second_transfer_that_the_wallet_does_not_list_is_found(node: SurfnetDriver, usdc: str) -> None:
    mine = address()
    async with SolanaPoller(node, usdc, mine) as poller:
        await node.send([node.account_for(mine, usdc)])
        listed = len(await node.rpc("getSignaturesForAddress", mine))
        assert await poller.poll() == []
        first = await node.send([node.tokens(mine, usdc, 5_000_000)])
        second = await node.send([node.tokens(mine, usdc, 7_000_000)])
        assert len(await node.rpc("getSignaturesForAddress", mine)) == listed
        deposits = await poller.find(2)
    assert [(deposit.tx_id, deposit.amount) for deposit in deposits] == [(first, 5_000_000), (second, 7_000_000)]
    account = str(get_associated_token_address(Pubkey.from_string(mine), Pubkey.from_string(usdc)))
    assert {(deposit.index, deposit.asset, deposit.symbol, deposit.sender) for deposit in deposits} == {
        (account, usdc, "USDC", str(node.payer.pubkey()))
    }


async def test_a_transaction_to_several_addresses_is_a_deposit_to_each(node: SurfnetDriver, usdc: str) -> None:
    mine, other = address(), address()
    async with SolanaPoller(node, usdc, mine, other) as poller:
        await node.send(
            [
                node.account_for(mine, usdc),
                node.account_for(other, usdc),
                node.tokens(mine, usdc, 1),
                node.tokens(other, usdc, 20),
                node.tokens(mine, usdc, 300),
                node.sol(mine, 2_000_000),
            ]
        )
        deposits = await poller.find(3)
    assert {(deposit.address, deposit.asset, deposit.amount) for deposit in deposits} == {
        (mine, usdc, 301),
        (other, usdc, 20),
        (mine, NATIVE, 2_000_000),
    }


async def test_a_deposit_of_sol_excludes_the_fee(node: SurfnetDriver, usdc: str) -> None:
    mine = address()
    async with SolanaPoller(node, usdc, mine) as poller:
        signature = await node.send_sol(mine, 3_000_000)
        deposits = await poller.find(1)
    assert [(deposit.tx_id, deposit.asset, deposit.index, deposit.amount, deposit.sender) for deposit in deposits] == [
        (signature, NATIVE, NATIVE, 3_000_000, str(node.payer.pubkey()))
    ]


async def test_an_unknown_token_is_reported_without_a_symbol(node: SurfnetDriver, usdc: str) -> None:
    mine, unknown = address(), await node.create_mint(SUPPLY)
    async with SolanaPoller(node, usdc, mine, full_read_every=1) as poller:
        await node.pay(mine, unknown, 9)
        deposits = await poller.find(1)
    [deposit] = deposits
    assert (deposit.asset, deposit.symbol, deposit.decimals, deposit.amount) == (unknown, None, None, 9)


@pytest.mark.parametrize(
    "answer",
    [
        {"result": None},
        {"error": {"code": -32015, "message": "Transaction version (1) is not supported by the requesting client"}},
    ],
    ids=["null", "a newer version"],
)
async def test_an_unreadable_transaction_hides_no_deposit_on_the_chain(
    node: SurfnetDriver, usdc: str, answer: dict[str, Any]
) -> None:
    mine, other, proxy = address(), address(), FaultProxy()
    async with SolanaPoller(node, usdc, mine, other, transport=proxy, full_read_every=1) as poller:
        odd = await node.pay(mine, usdc, 1)
        proxy.odd["getTransaction", odd] = answer
        await node.pay(mine, usdc, 2)
        await node.pay(other, usdc, 3)
        assert sorted(deposit.amount for deposit in await poller.find(2)) == [2, 3]
        assert [odd in sentence for sentence in poller.unreadable] == [True]
        await poller.finalize()

        proxy.odd.clear()
        deposits = await poller.find(3)
        await poller.finalize()
    assert (deposits[-1].tx_id, deposits[-1].amount, poller.unreadable) == (odd, 1, ())


async def test_a_failed_transfer_is_no_deposit(node: SurfnetDriver, usdc: str) -> None:
    mine = address()
    account = str(get_associated_token_address(Pubkey.from_string(mine), Pubkey.from_string(usdc)))
    async with SolanaPoller(node, usdc, mine, full_read_every=1) as poller:
        await node.send([node.account_for(mine, usdc)])
        failed = await node.send([node.tokens(mine, usdc, 2 * SUPPLY)], fails=True)
        listed = await node.rpc("getSignaturesForAddress", account)
        assert [entry["signature"] for entry in listed if entry["err"]] == [failed]
        await node.send([node.tokens(mine, usdc, 4)])
        assert [deposit.amount for deposit in await poller.find(1)] == [4]


async def test_many_deposits_are_read_page_by_page(node: SurfnetDriver, usdc: str) -> None:
    mine = address()
    for amount in range(1, 13):
        await node.pay(mine, usdc, amount)
    async with SolanaPoller(node, usdc, mine, page=3) as poller:
        assert [deposit.amount for deposit in await poller.poll()] == list(range(1, 13))


async def test_the_cursor_moves_once_a_deposit_is_final(node: SurfnetDriver, usdc: str) -> None:
    mine = address()
    async with SolanaPoller(node, usdc, mine) as poller:
        signature = await node.send_sol(mine, 1_000_000)
        seen = (await poller.find(1))[0]
        assert seen.state is DepositState.CONFIRMED
        assert json.loads(poller.cursor or "")["marks"] == {}
        final = (await poller.finalize())[0]
        assert json.loads(poller.cursor or "")["marks"] == {mine: {mine: signature}}
        assert final.confirmations > seen.confirmations
        assert await poller.poll() == []
        again = await poller.recheck(seen)
        assert again
        assert again.state is DepositState.FINAL
        assert (
            await poller.recheck(seen.model_copy(update={"tx_id": str(Keypair().sign_message(b"never sent"))})) is None
        )


async def test_a_cursor_with_unknown_signatures_loses_no_deposit(node: SurfnetDriver, usdc: str) -> None:
    mine = address()
    await node.pay(mine, usdc, 6)
    async with SolanaPoller(node, usdc, mine) as poller:
        strange = str(Keypair().sign_message(b"never sent"))
        account = str(get_associated_token_address(Pubkey.from_string(mine), Pubkey.from_string(usdc)))
        poller.cursor = json.dumps({"v": 1, "marks": {mine: {account: strange}}})
        assert [deposit.amount for deposit in await poller.poll()] == [6]


async def test_deposits_during_an_outage_are_found_from_the_stored_cursor(node: SurfnetDriver, usdc: str) -> None:
    mine, other = address(), address()
    async with SolanaPoller(node, usdc, mine, other) as poller:
        await node.pay(mine, usdc, 1)
        await poller.find(1)
        await poller.finalize()
        cursor, watches = poller.cursor, poller.watches
    for amount in (2, 3, 4):
        await node.pay(mine, usdc, amount)
        await node.send_sol(other, amount * 1_000_000)
    async with SolanaPoller(node, usdc, page=2) as later:  # another process, with the cursor that was stored
        later.cursor, later.watches = cursor, watches
        deposits = await later.poll()
    assert sorted((deposit.address, deposit.amount) for deposit in deposits) == sorted(
        [(mine, 2), (mine, 3), (mine, 4), (other, 2_000_000), (other, 3_000_000), (other, 4_000_000)]
    )


async def test_a_thousand_open_addresses_are_watched(
    node: SurfnetDriver, usdc: str, capsys: pytest.CaptureFixture[str]
) -> None:
    addresses = [address() for _ in range(1000)]
    figures = []
    async with SolanaPoller(node, usdc, *addresses) as poller:

        async def timed(what: str) -> list[Deposit]:
            calls, start = poller.provider.calls, time.perf_counter()
            deposits = await poller.poll()
            figures.append(f"{what}: {poller.provider.calls - calls} calls, {time.perf_counter() - start:.2f} s")
            return deposits

        assert await timed("first poll") == []
        first_cursor = poller.cursor or ""
        calls = poller.provider.calls
        assert await timed("idle") == []
        # One call for a hundred accounts, and a sixtieth of the accounts in full.
        assert poller.provider.calls - calls < 250
        paid = {addresses[number]: await node.pay(addresses[number], usdc, number) for number in (1, 500, 999)}
        deposits = await timed("three paid")
        assert {deposit.address: deposit.tx_id for deposit in deposits} == paid
        await poller.finalize()
        assert len(first_cursor) < 100
        assert len(poller.cursor or "") < 1000
    with capsys.disabled():
        sys.stdout.write(f"\n1000 open addresses, USDC and SOL: {'; '.join(figures)}\n")
