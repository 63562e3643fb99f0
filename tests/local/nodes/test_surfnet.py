"""Solana deposits on a real node, seen by the reader through plain JSON-RPC."""

import json
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.token.associated import get_associated_token_address

from baton.chains.deposits import NATIVE, Deposit, DepositState, Watch
from baton.chains.http import Provider
from baton.chains.solana.reader import SolanaReader
from baton.chains.spec import ChainSpec, Family, Token
from tests.eventually import eventually
from tests.local.nodes.surfnet import DECIMALS, Surfnet, running_surfnet

pytestmark = [pytest.mark.nodes, pytest.mark.timeout(120)]

SUPPLY = 10**15


@pytest.fixture(scope="module")
async def node() -> AsyncIterator[Surfnet]:
    async with running_surfnet(slot_milliseconds=100) as running:
        yield running


@pytest.fixture(scope="module")
async def usdc(node: Surfnet) -> str:
    return await node.create_mint(SUPPLY)


def address() -> str:
    return str(Keypair().pubkey())


class Watcher:
    """What holds a cursor between looks, as the service does, and remembers what it was told."""

    def __init__(self, node: Surfnet, usdc: str, *addresses: str, **options: Any) -> None:
        spec = ChainSpec(
            name="solana",
            family=Family.SOLANA,
            native="SOL",
            native_decimals=9,
            tokens={"USDC": Token(contract=usdc, decimals=DECIMALS)},
            block_seconds=0.1,
        )
        self.provider = Provider(node.url)
        self._reader = SolanaReader(spec, self.provider, **options)
        self.watches = [Watch(address=one, since=datetime.now(UTC) - timedelta(minutes=1)) for one in addresses]
        self.cursor: str | None = None
        self.told: dict[tuple[str, str, str], Deposit] = {}

    async def __aenter__(self) -> "Watcher":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._reader.aclose()

    async def look(self) -> list[Deposit]:
        scan = await self._reader.scan(self.watches, self.cursor)
        assert scan.unread == frozenset()
        self.cursor = scan.cursor
        self.told |= {one.key: one for one in scan.deposits}
        return scan.deposits

    async def find(self, count: int) -> list[Deposit]:
        """Look until so many deposits were told in all."""

        async def look() -> list[Deposit]:
            await self.look()
            return list(self.told.values())

        return await eventually(look, lambda told: len(told) >= count)

    async def finalize(self) -> list[Deposit]:
        """Look until all is behind the cursor and told no more; return what was told, each as last told."""
        await eventually(self.look, lambda told: not told)
        assert {one.state for one in self.told.values()} == {DepositState.FINAL}
        return list(self.told.values())

    async def recheck(self, deposit: Deposit) -> Deposit | None:
        return await self._reader.recheck(deposit)


async def test_a_second_transfer_is_found_though_the_wallet_lists_none(node: Surfnet, usdc: str) -> None:
    mine = address()
    async with Watcher(node, usdc, mine) as watcher:
        await node.send([node.account_for(mine, usdc)])
        listed = len(await node.rpc("getSignaturesForAddress", mine))
        assert await watcher.look() == []
        first = await node.send([node.tokens(mine, usdc, 5_000_000)])
        second = await node.send([node.tokens(mine, usdc, 7_000_000)])
        assert len(await node.rpc("getSignaturesForAddress", mine)) == listed
        told = await watcher.find(2)
    assert [(one.tx_id, one.amount) for one in told] == [(first, 5_000_000), (second, 7_000_000)]
    account = str(get_associated_token_address(Pubkey.from_string(mine), Pubkey.from_string(usdc)))
    assert {(one.index, one.asset, one.symbol, one.sender) for one in told} == {
        (account, usdc, "USDC", str(node.payer.pubkey()))
    }


async def test_a_transaction_that_pays_several_orders_in_parts_is_told_to_each(node: Surfnet, usdc: str) -> None:
    mine, other = address(), address()
    async with Watcher(node, usdc, mine, other) as watcher:
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
        told = await watcher.find(3)
    assert {(one.address, one.asset, one.amount) for one in told} == {
        (mine, usdc, 301),
        (other, usdc, 20),
        (mine, NATIVE, 2_000_000),
    }


async def test_sol_is_told_without_the_fee(node: Surfnet, usdc: str) -> None:
    mine = address()
    async with Watcher(node, usdc, mine) as watcher:
        signature = await node.send_sol(mine, 3_000_000)
        told = await watcher.find(1)
    assert [(one.tx_id, one.asset, one.index, one.amount, one.sender) for one in told] == [
        (signature, NATIVE, NATIVE, 3_000_000, str(node.payer.pubkey()))
    ]


async def test_a_wrong_token_is_told_as_a_stranger(node: Surfnet, usdc: str) -> None:
    mine, stranger = address(), await node.create_mint(SUPPLY)
    async with Watcher(node, usdc, mine, look_at_all_after=1) as watcher:
        await node.pay(mine, stranger, 9)
        told = await watcher.find(1)
    assert [(one.asset, one.symbol, one.decimals, one.amount) for one in told] == [(stranger, None, None, 9)]


async def test_a_failed_transfer_is_listed_and_no_deposit(node: Surfnet, usdc: str) -> None:
    mine = address()
    account = str(get_associated_token_address(Pubkey.from_string(mine), Pubkey.from_string(usdc)))
    async with Watcher(node, usdc, mine, look_at_all_after=1) as watcher:
        await node.send([node.account_for(mine, usdc)])
        failed = await node.send([node.tokens(mine, usdc, 2 * SUPPLY)], fails=True)
        listed = await node.rpc("getSignaturesForAddress", account)
        assert [one["signature"] for one in listed if one["err"]] == [failed]
        await node.send([node.tokens(mine, usdc, 4)])
        assert [one.amount for one in await watcher.find(1)] == [4]


async def test_many_deposits_are_read_page_by_page(node: Surfnet, usdc: str) -> None:
    mine = address()
    for amount in range(1, 13):
        await node.pay(mine, usdc, amount)
    async with Watcher(node, usdc, mine, page=3) as watcher:
        assert [one.amount for one in await watcher.look()] == list(range(1, 13))


async def test_the_cursor_moves_once_a_deposit_is_final(node: Surfnet, usdc: str) -> None:
    mine = address()
    async with Watcher(node, usdc, mine) as watcher:
        signature = await node.send_sol(mine, 1_000_000)
        seen = (await watcher.find(1))[0]
        assert seen.state is DepositState.CONFIRMED
        assert json.loads(watcher.cursor or "")["marks"] == {}
        final = (await watcher.finalize())[0]
        assert json.loads(watcher.cursor or "")["marks"] == {mine: {mine: signature}}
        assert final.confirmations > seen.confirmations
        assert await watcher.look() == []
        again = await watcher.recheck(seen)
        assert again
        assert again.state is DepositState.FINAL
        assert (
            await watcher.recheck(seen.model_copy(update={"tx_id": str(Keypair().sign_message(b"never sent"))})) is None
        )


async def test_a_cursor_of_another_chain_loses_nothing(node: Surfnet, usdc: str) -> None:
    mine = address()
    await node.pay(mine, usdc, 6)
    async with Watcher(node, usdc, mine) as watcher:
        strange = str(Keypair().sign_message(b"never sent"))
        account = str(get_associated_token_address(Pubkey.from_string(mine), Pubkey.from_string(usdc)))
        watcher.cursor = json.dumps({"v": 1, "marks": {mine: {account: strange}}})
        assert [one.amount for one in await watcher.look()] == [6]


async def test_what_came_while_nobody_watched_is_found_after(node: Surfnet, usdc: str) -> None:
    mine, other = address(), address()
    async with Watcher(node, usdc, mine, other) as watcher:
        await node.pay(mine, usdc, 1)
        await watcher.find(1)
        await watcher.finalize()
        cursor, watches = watcher.cursor, watcher.watches
    for amount in (2, 3, 4):
        await node.pay(mine, usdc, amount)
        await node.send_sol(other, amount * 1_000_000)
    async with Watcher(node, usdc, page=2) as later:  # another process, with the cursor that was stored
        later.cursor, later.watches = cursor, watches
        told = await later.look()
    assert sorted((one.address, one.amount) for one in told) == sorted(
        [(mine, 2), (mine, 3), (mine, 4), (other, 2_000_000), (other, 3_000_000), (other, 4_000_000)]
    )


async def test_a_thousand_open_addresses_are_watched(
    node: Surfnet, usdc: str, capsys: pytest.CaptureFixture[str]
) -> None:
    everyone = [address() for _ in range(1000)]
    figures = []
    async with Watcher(node, usdc, *everyone) as watcher:

        async def timed(what: str) -> list[Deposit]:
            calls, start = watcher.provider.calls, time.perf_counter()
            told = await watcher.look()
            figures.append(f"{what}: {watcher.provider.calls - calls} calls, {time.perf_counter() - start:.2f} s")
            return told

        assert await timed("first look") == []
        first_cursor = watcher.cursor or ""
        calls = watcher.provider.calls
        assert await timed("at rest") == []
        assert watcher.provider.calls - calls < 250  # a call for a hundred accounts, and a sixtieth of them in full
        paid = {everyone[number]: await node.pay(everyone[number], usdc, number) for number in (1, 500, 999)}
        told = await timed("three paid")
        assert {one.address: one.tx_id for one in told} == paid
        await watcher.finalize()
        assert len(first_cursor) < 100
        assert len(watcher.cursor or "") < 1000
    with capsys.disabled():
        sys.stdout.write(f"\n1000 open addresses, USDC and SOL: {'; '.join(figures)}\n")
