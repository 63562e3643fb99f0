"""Real deposits: the sandbox pays on local chain nodes, and accepts their transactions as proof."""

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from baton.encoding.addresses import address_objection
from baton.local.nodes.anvil import Anvil, running_anvil
from baton.local.nodes.bitcoind import Bitcoind, running_bitcoind
from baton.local.nodes.book import NodeEntry, write_nodes
from baton.local.nodes.surfnet import Surfnet, running_surfnet
from baton.local.sandbox.control import SandboxControl, SandboxRefused
from tests.eventually import eventually
from tests.local.nodes.node_or_skip import node_or_skip
from tests.local.sandbox.partner import BITCOIN_TO_USDC, SOLANA_TO_BASE, SPARK_TO_USDC, USDC_TO_BTC, Partner, code_of
from tests.sandbox_server import running_sandbox

on_a_node = pytest.mark.nodes


@asynccontextmanager
async def real_sandbox(folder: Path, chain: str, **entry: Any) -> AsyncIterator[tuple[Partner, SandboxControl]]:
    """Run a sandbox with real deposits on one chain."""
    path = folder / "nodes.json"
    write_nodes(path, {chain: NodeEntry(**entry)})
    async with running_sandbox(settle=path, step_seconds=0.005) as (base_url, control):
        partner = Partner(base_url)
        async with partner.http:
            yield partner, control


@pytest.fixture
async def anvil() -> AsyncIterator[Anvil]:
    async with node_or_skip(running_anvil()) as node:
        yield node


@pytest.fixture
async def solana() -> AsyncIterator[Surfnet]:
    async with node_or_skip(running_surfnet()) as node:
        yield node


@pytest.fixture
async def bitcoin() -> AsyncIterator[Bitcoind]:
    async with node_or_skip(running_bitcoind(), optional=True) as node:
        yield node


@on_a_node
async def test_a_deposit_on_anvil_is_a_real_transfer_that_submit_accepts(anvil: Anvil, tmp_path: Path) -> None:
    usdc = await anvil.make_token()
    async with real_sandbox(tmp_path, "base", node="anvil", url=anvil.url, tokens={"USDC": usdc}) as (partner, control):
        quote = await partner.quote(USDC_TO_BTC)
        proof = await control.deposit(quote["quoteId"])

        assert await eventually(lambda: anvil.balance(usdc, quote["depositAddress"])) == 100_000_000
        assert (await partner.submit(quote, proof)).status_code == 200
        await partner.wait_until(quote, "completed")


@on_a_node
async def test_a_deposit_on_surfnet_is_a_real_transfer_that_submit_accepts(solana: Surfnet, tmp_path: Path) -> None:
    usdc = await solana.make_token()
    entry = {"node": "surfnet", "url": solana.url, "payer": solana.payer.hex(), "tokens": {"USDC": usdc}}
    async with real_sandbox(tmp_path, "solana", **entry) as (partner, control):
        quote = await partner.quote(SOLANA_TO_BASE)
        proof = await control.deposit(quote["quoteId"])

        assert await eventually(lambda: solana.balance(usdc, quote["depositAddress"])) == 100_000_000
        assert (await partner.submit(quote, proof)).status_code == 200
        await partner.wait_until(quote, "completed")


@on_a_node
async def test_a_deposit_on_bitcoind_is_a_real_output_that_submit_accepts(bitcoin: Bitcoind, tmp_path: Path) -> None:
    body = {**BITCOIN_TO_USDC, "zeroconfEnabled": False}
    async with real_sandbox(tmp_path, "bitcoin", node="bitcoind", url=bitcoin.url) as (partner, control):
        quote = await partner.quote(body)
        proof = await control.deposit(quote["quoteId"])

        output = await bitcoin.received(proof["bitcoinTxid"], proof["bitcoinVout"])
        assert output == (quote["depositAddress"], 100_000)
        assert (await partner.submit(quote, proof)).status_code == 200
        await partner.wait_until(quote, "completed")


@on_a_node
async def test_an_underpayment_is_a_smaller_transfer_on_the_chain(anvil: Anvil, tmp_path: Path) -> None:
    usdc = await anvil.make_token()
    async with real_sandbox(tmp_path, "base", node="anvil", url=anvil.url, tokens={"USDC": usdc}) as (partner, control):
        quote = await partner.quote(USDC_TO_BTC)
        await control.deposit(quote["quoteId"], amount=99)
        assert await eventually(lambda: anvil.balance(usdc, quote["depositAddress"])) == 99


@on_a_node
async def test_a_named_transaction_is_not_paid_again(anvil: Anvil, tmp_path: Path) -> None:
    # The supply covers one payment, so a second one would fail.
    usdc = await anvil.make_token(supply=100_000_000)
    async with real_sandbox(tmp_path, "base", node="anvil", url=anvil.url, tokens={"USDC": usdc}) as (partner, control):
        quote = await partner.quote(USDC_TO_BTC)
        payment = await anvil.pay(quote["depositAddress"], usdc, 100_000_000)
        assert await eventually(lambda: anvil.balance(usdc, quote["depositAddress"])) == 100_000_000

        proof = await control.deposit(quote["quoteId"], txHash=payment.tx_id)

        assert proof["txHash"] == payment.tx_id
        assert (await partner.submit(quote, proof)).status_code == 200


@on_a_node
async def test_a_deposit_to_a_reusable_address_is_a_real_transfer(anvil: Anvil, tmp_path: Path) -> None:
    usdc = await anvil.make_token()
    async with real_sandbox(tmp_path, "base", node="anvil", url=anvil.url, tokens={"USDC": usdc}) as (_, control):
        await control.foreign_order("accumulation", amount=50_000_000)
        [deposit] = await control.deposits()
        assert await eventually(lambda: anvil.balance(usdc, deposit["depositAddress"])) == 50_000_000


@on_a_node
async def test_a_payment_that_the_node_refuses_leaves_no_deposit(anvil: Anvil, tmp_path: Path) -> None:
    usdc = await anvil.make_token(supply=1)
    async with real_sandbox(tmp_path, "base", node="anvil", url=anvil.url, tokens={"USDC": usdc}) as (partner, control):
        quote = await partner.quote(USDC_TO_BTC)
        with pytest.raises(SandboxRefused, match="settlement_failed: anvil refused") as refused:
            await control.deposit(quote["quoteId"])
        assert refused.value.status == 502
        assert await control.deposits() == []


DEAD = {"node": "anvil", "url": "http://127.0.0.1:9", "tokens": {"USDC": "0x" + "11" * 20}}


async def test_an_unreachable_node_fails_deposits_but_not_quotes(tmp_path: Path) -> None:
    async with real_sandbox(tmp_path, "base", **DEAD) as (partner, control):
        quote = await partner.quote(USDC_TO_BTC)
        with pytest.raises(SandboxRefused, match=r"settlement_failed: anvil did not answer .* is it running"):
            await control.deposit(quote["quoteId"])


async def test_a_token_missing_from_the_nodes_file_is_named(tmp_path: Path) -> None:
    async with real_sandbox(tmp_path, "base", **DEAD) as (partner, control):
        quote = await partner.quote({**USDC_TO_BTC, "sourceAsset": "USDT"})
        with pytest.raises(SandboxRefused, match="has no USDT on base; add it to its tokens"):
            await control.deposit(quote["quoteId"])


async def test_a_made_up_sender_of_a_real_deposit_is_refused(tmp_path: Path) -> None:
    async with real_sandbox(tmp_path, "base", **DEAD) as (partner, control):
        quote = await partner.quote(USDC_TO_BTC)
        with pytest.raises(SandboxRefused, match="deposits on base are real: leave bitcoinVout and sourceAddress"):
            await control.deposit(quote["quoteId"], sourceAddress="0x" + "22" * 20)


async def test_only_chains_with_a_node_have_real_addresses_and_deposits(tmp_path: Path) -> None:
    async with real_sandbox(tmp_path, "bitcoin", node="bitcoind", url="http://u:p@127.0.0.1:9") as (partner, control):
        real, made_up = await partner.quote(BITCOIN_TO_USDC), await partner.quote(SPARK_TO_USDC)
        assert real["depositAddress"].startswith("bcrt1q")
        assert address_objection("bitcoin", real["depositAddress"], testnets=True) is None
        proof = await control.deposit(made_up["quoteId"])
        assert (await partner.submit(made_up, proof)).status_code == 200


async def test_an_unknown_transaction_on_a_real_chain_is_not_found(tmp_path: Path) -> None:
    async with real_sandbox(tmp_path, "base", **DEAD) as (partner, _):
        quote = await partner.quote(USDC_TO_BTC)
        assert code_of(await partner.submit(quote, {"txHash": "0x" + "00" * 32})) == (404, "tx_not_found")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[mars]\nnode = "anvil"\nurl = "http://x"', "mars: no node can settle this chain; supported are base, "),
        ('[spark]\nnode = "anvil"\nurl = "http://x"', "spark: no node can settle this chain"),
        ('[base]\nnode = "bitcoind"\nurl = "http://x"', "base.node: must be anvil, not bitcoind"),
        ('[base]\nnode = "anvil"', "base.url: Field required"),
    ],
)
def test_an_invalid_settle_file_ends_the_process_with_one_sentence(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "nodes.toml"
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "baton.local.sandbox", "--port", "0", "--settle", str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (ended.returncode, ended.stderr) == (2, "")
    [line] = ended.stdout.strip().splitlines()
    assert f"{path}: {complaint}" in line


def test_a_sandbox_without_nodes_loads_no_chain_library() -> None:
    imports = "import sys, baton.local.sandbox.command, baton.local.sandbox.app"
    code = f"{imports}; print([name for name in sys.modules if 'solders' in name])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert ended.stdout.strip() == "[]"
