"""The nodes of the demo: they start, make addresses that their chains accept, and make real payments."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from baton.encoding.addresses import address_objection, checksummed
from baton.local import nodes
from baton.local.child_process import running
from baton.local.nodes import programs, surfnet
from baton.local.nodes.anvil import Anvil, running_anvil
from baton.local.nodes.bitcoind import Bitcoind, running_bitcoind
from baton.local.nodes.book import NodeEntry, NodeFileError, read_nodes, write_nodes
from baton.local.nodes.local_node import NATIVE, NodeError, NodeMissing
from baton.local.nodes.rpc import Rpc
from baton.local.nodes.surfnet import Surfnet, running_surfnet
from tests.eventually import eventually
from tests.local.nodes.node_or_skip import node_or_skip

on_a_node = pytest.mark.nodes


@pytest.fixture(scope="module")
async def anvil() -> AsyncIterator[Anvil]:
    async with node_or_skip(running_anvil()) as node:
        yield node


@pytest.fixture(scope="module")
async def solana() -> AsyncIterator[Surfnet]:
    async with node_or_skip(running_surfnet()) as node:
        yield node


@pytest.fixture(scope="module")
async def bitcoin() -> AsyncIterator[Bitcoind]:
    async with node_or_skip(running_bitcoind(block_seconds=0.1), optional=True) as node:
        yield node


@on_a_node
async def test_a_token_payment_on_anvil_arrives(anvil: Anvil) -> None:
    token, address = await anvil.make_token(), anvil.new_address()

    paid = await anvil.pay(address, token, 1_234_567)

    assert await eventually(lambda: anvil.balance(token, address)) == 1_234_567
    assert paid.sender == checksummed(await anvil.payer())
    assert (len(paid.tx_id), paid.vout) == (66, None)


@on_a_node
async def test_anvil_refuses_a_failing_transfer_before_it_is_sent(anvil: Anvil) -> None:
    token = await anvil.make_token(supply=10)
    height = await anvil.height()

    with pytest.raises(NodeError, match="anvil refused eth_estimateGas"):
        await anvil.pay(anvil.new_address(), token, 11)

    assert await anvil.height() == height


@on_a_node
async def test_anvil_mines_by_itself_with_a_block_time(anvil: Anvil) -> None:
    async with node_or_skip(running_anvil(block_seconds=1)) as paced:
        assert await eventually(paced.height) >= 1


@on_a_node
async def test_a_token_payment_on_surfnet_arrives(solana: Surfnet) -> None:
    mint, address = await solana.make_token(), solana.new_address()

    paid = await solana.pay(address, mint, 2_000_001)

    landed = await eventually(lambda: solana.status(paid.tx_id))
    assert landed["err"] is None
    assert await solana.balance(mint, address) == 2_000_001


@on_a_node
async def test_two_equal_payments_on_surfnet_are_two_transactions(solana: Surfnet) -> None:
    address = solana.new_address()

    first, second = [await solana.pay(address, NATIVE, 1_000_000) for _ in range(2)]

    assert first.tx_id != second.tx_id
    for paid in (first, second):
        assert (await eventually(lambda paid=paid: solana.status(paid.tx_id)))["err"] is None


@on_a_node
async def test_surfnet_refuses_a_transfer_that_would_fail(solana: Surfnet) -> None:
    mint = await solana.make_token(supply=10)
    with pytest.raises(NodeError, match="surfnet refused sendTransaction"):
        await solana.pay(solana.new_address(), mint, 11)


@on_a_node
async def test_a_bitcoin_payment_names_its_output_and_is_confirmed(bitcoin: Bitcoind) -> None:
    address = bitcoin.new_address()

    paid = await bitcoin.pay(address, NATIVE, 250_000)

    assert paid.vout is not None
    assert await bitcoin.received(paid.tx_id, paid.vout) == (address, 250_000)
    assert await eventually(lambda: bitcoin.confirmations(paid.tx_id)) >= 1


@on_a_node
async def test_bitcoind_pays_no_tokens(bitcoin: Bitcoind) -> None:
    with pytest.raises(NodeError, match="bitcoind pays only bitcoin, not 0xUSDC"):
        await bitcoin.pay(bitcoin.new_address(), "0xUSDC", 1)


@pytest.mark.parametrize(
    ("chain", "node"),
    [("base", Anvil("http://x")), ("solana", Surfnet("http://x", b"")), ("bitcoin", Bitcoind("http://x"))],
    ids=["base", "solana", "bitcoin"],
)
def test_new_addresses_are_different_with_a_correct_checksum(chain: str, node: Anvil | Surfnet | Bitcoind) -> None:
    addresses = {node.new_address() for _ in range(50)}
    assert len(addresses) == 50
    assert [address_objection(chain, address, testnets=True) for address in addresses] == [None] * 50


async def test_the_error_for_a_missing_node_names_it_and_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "INSTALLED", tmp_path)
    monkeypatch.setattr(surfnet, "_MODULE", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, start in (("anvil", running_anvil), ("surfnet", running_surfnet), ("bitcoind", running_bitcoind)):
        with pytest.raises(NodeMissing, match=rf"^{name} is not installed; run tests/local/nodes/install.sh {name}$"):
            await start().__aenter__()


def test_solana_without_its_signing_library_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "baton.local.nodes.spl", raising=False)
    monkeypatch.delattr(nodes, "spl", raising=False)
    monkeypatch.setitem(sys.modules, "solders.hash", None)
    with pytest.raises(NodeMissing, match="solders, which is missing; run `make env`"):
        Surfnet("http://x", b"").new_address()


async def test_a_program_that_ends_at_once_is_reported_with_its_exit_code() -> None:
    async with running([sys.executable, "-c", "raise SystemExit(7)"]) as process:
        with pytest.raises(NodeError, match="anvil ended with exit code 7"):
            await programs.require_ready("anvil", process, Anvil("http://127.0.0.1:9").payer)


async def test_a_node_that_does_not_answer_in_time_is_an_error() -> None:
    async with running(["sleep", "60"]) as process:
        with pytest.raises(NodeError, match="anvil did not answer eth_accounts"):
            await programs.require_ready("anvil", process, Anvil("http://127.0.0.1:9").payer, within=0.1)


async def test_an_error_names_the_node_but_not_its_password() -> None:
    rpc = Rpc("bitcoind", "http://baton:geheim@127.0.0.1:9")
    with pytest.raises(NodeError) as caught:
        await rpc.call("getblockcount")
    assert "bitcoind did not answer getblockcount" in str(caught.value)
    assert "geheim" not in repr(caught.value) + repr(caught.value.__context__)
    await rpc.aclose()


def test_a_file_of_nodes_is_read_as_written_and_only_by_its_owner(tmp_path: Path) -> None:
    entries = {
        "base": NodeEntry(node="anvil", url="http://127.0.0.1:1", tokens={"USDC": "0xabc"}),
        "solana": NodeEntry(node="surfnet", url="http://127.0.0.1:2", payer="07" * 64),
        "bitcoin": NodeEntry(node="bitcoind", url="http://u:p@127.0.0.1:3", wallet="w"),
    }
    write_nodes(tmp_path / "nodes.json", entries)
    assert read_nodes(tmp_path / "nodes.json") == entries
    assert (tmp_path / "nodes.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[base]\nnode = "geth"\nurl = "http://x"', "base.node"),
        ('[base]\nnode = "anvil"\nurl = "ftp://geheim"', "base.url: .*must start with http"),
        ('[base]\nnode = "anvil"\nurl = "http://x"\ntoken = "geheim"', "base.token"),
        ('[solana]\nnode = "surfnet"\nurl = "http://x"\npayer = "geheim"', "solana: .*payer must be a secret key"),
        ('[solana]\nnode = "surfnet"\nurl = "http://x"\npayer = "07"', "solana: .*payer must be a secret key"),
        ("[base", "cannot be read"),
    ],
)
def test_the_error_for_an_invalid_file_names_the_field_and_no_secret(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "nodes.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NodeFileError, match=complaint) as caught:
        read_nodes(path)
    assert str(path) in str(caught.value)
    assert "geheim" not in str(caught.value)
