"""Real chain nodes for the demo: which run, which are left out, and the files for sandbox and worker."""

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from baton.chains.catalogue import watched_chains
from baton.local.nodes.book import NodeEntry, read_nodes
from baton.local.nodes.local_node import NodeMissing
from baton.local.stack import chain_nodes
from baton.local.stack.chain_nodes import LocalChain, local_chains, write_files
from baton.local.stack.errors import NodesMissing
from baton.local.stack.showcase import ON_CHAIN, Noticed
from tests.local.nodes.node_or_skip import REQUIRED

CHAINS = {
    "base": LocalChain(
        NodeEntry(
            node="anvil", url="http://127.0.0.1:1", tokens={"USDC": "0x5fbdb2315678afecb367f032d93f642f64180aa3"}
        ),
        block_seconds=1,
        fields=("watch_native = false",),
    ),
    "bitcoin": LocalChain(NodeEntry(node="bitcoind", url="http://u:p@127.0.0.1:2"), block_seconds=1, kind="bitcoind"),
}


@asynccontextmanager
async def _installed() -> AsyncIterator[LocalChain]:
    yield CHAINS["base"]


@asynccontextmanager
async def _not_installed() -> AsyncIterator[LocalChain]:
    raise NodeMissing("surfnet is not installed; run tests/local/nodes/install.sh surfnet")
    yield


def test_the_worker_watches_only_the_chains_whose_node_runs(tmp_path: Path) -> None:
    environment = write_files(tmp_path / "chains", CHAINS)
    watched = watched_chains(Path(environment["BATON_CHAINS_FILE"]), None)
    assert set(watched) == {"base", "bitcoin"}
    base, bitcoin = watched["base"], watched["bitcoin"]
    assert [provider.url.get_secret_value() for provider in base.providers] == ["http://127.0.0.1:1"]
    assert base.tokens["USDC"].contract == "0x5FbDB2315678afecb367f032d93F642f64180aa3"
    assert (base.chain_id, base.confirmations, base.behind, base.watch_native) == (8453, 1, 0, False)
    assert [provider.kind for provider in bitcoin.providers] == ["bitcoind"]


def test_the_sandbox_pays_on_the_nodes_and_only_the_owner_reads_the_files(tmp_path: Path) -> None:
    environment = write_files(tmp_path / "chains", CHAINS)
    assert read_nodes(Path(environment["BATON_SANDBOX_SETTLE"])) == {
        name: chain.entry for name, chain in CHAINS.items()
    }
    assert [path for path in (tmp_path / "chains").iterdir() if path.stat().st_mode & 0o077] == []


async def test_a_chain_without_its_node_is_left_out_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_nodes, "STARTS", {"base": _installed, "solana": _not_installed})
    async with local_chains(tmp_path, lambda _: None) as chains:
        assert chains.names == ["base"]
        assert chains.left_out == [
            "solana is left out: surfnet is not installed; run tests/local/nodes/install.sh surfnet"
        ]


async def test_without_any_node_the_error_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_nodes, "STARTS", {"solana": _not_installed})
    with pytest.raises(NodesMissing, match="No chain node is available: solana is left out: surfnet is not installed"):
        await local_chains(tmp_path, lambda _: None).__aenter__()


def test_every_local_chain_has_an_order_that_only_baton_detects() -> None:
    assert set(ON_CHAIN) == set(chain_nodes.STARTS)
    assert {piece.noticed_by for piece in ON_CHAIN.values()} == {Noticed.BATON}
    assert [piece.document["sourceChain"] for piece in ON_CHAIN.values()] == list(ON_CHAIN)


@pytest.mark.nodes
@pytest.mark.timeout(240)
async def test_the_demo_on_real_chains_completes_orders_that_only_baton_saw() -> None:
    code, out, errors = await _demo(
        "--chains", "--json", BATON_WATCH="ethereum", ORCHESTRA_BASE_URL="https://o.example"
    )
    chains = {
        name
        for name in chain_nodes.STARTS
        if not re.search(f"{name} is left out: [a-z]+ is not installed", out + errors)
    }
    assert chains == set(chain_nodes.STARTS) or os.environ.get(REQUIRED) != "1"
    if not chains:
        pytest.skip("no chain node is installed; run tests/local/nodes/install.sh")
    assert code == 0, errors
    lines = [json.loads(line) for line in out.splitlines()]
    orders = {order["source"].removeprefix("on-"): order for order in lines}
    assert set(orders) == chains
    for order in orders.values():
        assert (order["outcome"], order["reported_by"]) == ("completed", "baton"), order
        assert 0 <= order["deposit_to_seen"] <= order["deposit_to_submitted"] < order["seconds"]


async def _demo(*arguments: str, **environment: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "baton",
        "demo",
        *arguments,
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, **environment},
    )
    try:
        out, errors = await asyncio.wait_for(process.communicate(), 200)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    return process.returncode, out.decode(), errors.decode()
