"""The Esplora facade answers as Esplora does: a wallet library's Esplora client works with it."""

import asyncio

import bdkpython as bdk
import pytest

from tests.local.nodes.bitcoind import running_bitcoind
from tests.local.nodes.esplora_facade import running_esplora

pytestmark = pytest.mark.nodes


@pytest.fixture(scope="module")
async def regtest():
    async with running_bitcoind() as node, running_esplora(node) as url:
        yield node, url


def _wallet() -> bdk.Wallet:
    """Return a new taproot wallet."""
    secret = bdk.DescriptorSecretKey(bdk.NetworkKind.TEST, bdk.Mnemonic(bdk.WordCount.WORDS12), None)
    receiving, change = (
        bdk.Descriptor.new_bip86(secret, keychain, bdk.NetworkKind.TEST)
        for keychain in (bdk.KeychainKind.EXTERNAL, bdk.KeychainKind.INTERNAL)
    )
    return bdk.Wallet(receiving, change, bdk.Network.REGTEST, bdk.Persister.new_in_memory())


async def _balance(wallet: bdk.Wallet, url: str) -> tuple[int, int]:
    """Return the confirmed and the unconfirmed balance after a full scan by the library."""
    client = bdk.EsploraClient(url)
    update = await asyncio.to_thread(lambda: client.full_scan(wallet.start_full_scan().build(), 5, 2))
    wallet.apply_update(update)
    balance = wallet.balance()
    return balance.confirmed.to_sat(), balance.untrusted_pending.to_sat()


async def test_a_wallet_library_reads_its_balance_to_the_satoshi(regtest) -> None:
    node, url = regtest
    wallet = _wallet()
    address = str(wallet.reveal_next_address(bdk.KeychainKind.EXTERNAL).address)
    await node.pay(address, 123_457)
    await node.mine()
    await node.pay(address, 7_001)
    assert await _balance(wallet, url) == (123_457, 7_001)
    await node.mine()
    assert await _balance(wallet, url) == (130_458, 0)


async def test_a_wallet_library_pages_through_sixty_deposits(regtest) -> None:
    node, url = regtest
    wallet = _wallet()
    address = str(wallet.reveal_next_address(bdk.KeychainKind.EXTERNAL).address)
    for number in range(60):
        await node.pay(address, 10_000 + number)
        if number % 20 == 19:
            await node.mine()
    assert await _balance(wallet, url) == (sum(range(10_000, 10_060)), 0)
