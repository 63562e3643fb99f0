"""Real chain nodes for the demo: what runs, what is left out, and what sandbox and worker are told."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from baton.chains.catalogue import watched_chains
from baton.local.nodes.book import NodeEntry, read_nodes
from baton.local.nodes.node import NodeMissing
from baton.local.stack import chain_nodes
from baton.local.stack.chain_nodes import LocalChain, local_chains, write_files
from baton.local.stack.errors import NodesMissing
from baton.local.stack.showcase import ON_CHAIN, Noticed
from tests.local.nodes.having import REQUIRED

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
async def _there() -> AsyncIterator[LocalChain]:
    yield CHAINS["base"]


@asynccontextmanager
async def _absent() -> AsyncIterator[LocalChain]:
    raise NodeMissing("surfnet is not installed; run tests/local/nodes/install.sh surfnet")
    yield


def test_the_worker_watches_the_chains_that_run_and_no_others(tmp_path: Path) -> None:
    told = write_files(tmp_path / "chains", CHAINS)
    watched = watched_chains(Path(told["BATON_CHAINS_FILE"]), None)
    assert set(watched) == {"base", "bitcoin"}
    base, bitcoin = watched["base"], watched["bitcoin"]
    assert [one.url.get_secret_value() for one in base.providers] == ["http://127.0.0.1:1"]
    assert base.tokens["USDC"].contract == "0x5FbDB2315678afecb367f032d93F642f64180aa3"
    assert (base.chain_id, base.confirmations, base.behind, base.watch_native) == (8453, 1, 0, False)
    assert [one.kind for one in bitcoin.providers] == ["bitcoind"]


def test_the_sandbox_pays_on_the_chains_that_run_and_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    told = write_files(tmp_path / "chains", CHAINS)
    assert read_nodes(Path(told["BATON_SANDBOX_SETTLE"])) == {name: one.entry for name, one in CHAINS.items()}
    assert [path for path in (tmp_path / "chains").iterdir() if path.stat().st_mode & 0o077] == []


async def test_a_chain_without_its_node_is_left_out_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_nodes, "STARTS", {"base": _there, "solana": _absent})
    async with local_chains(tmp_path, lambda _: None) as chains:
        assert chains.names == ["base"]
        assert chains.left_out == [
            "solana is left out: surfnet is not installed; run tests/local/nodes/install.sh surfnet"
        ]


async def test_a_machine_without_any_node_is_told_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain_nodes, "STARTS", {"solana": _absent})
    with pytest.raises(NodesMissing, match="No chain node can be had: solana is left out: surfnet is not installed"):
        await local_chains(tmp_path, lambda _: None).__aenter__()


def test_every_chain_that_can_run_has_an_order_that_only_baton_notices() -> None:
    assert set(ON_CHAIN) == set(chain_nodes.STARTS)
    assert {piece.noticed_by for piece in ON_CHAIN.values()} == {Noticed.BATON}
    assert [piece.document["sourceChain"] for piece in ON_CHAIN.values()] == list(ON_CHAIN)


@pytest.mark.nodes
@pytest.mark.timeout(240)
async def test_the_demo_on_real_chains_completes_orders_that_only_baton_saw() -> None:
    chains = await _chains_to_be_had()
    if not chains:
        pytest.skip("no chain node is installed; run tests/local/nodes/install.sh")
    ended = await _demo("--chains", "--json", BATON_WATCH="ethereum", ORCHESTRA_BASE_URL="https://o.example")
    orders = {order["source"].removeprefix("on-"): order for order in ended}
    assert set(orders) == chains
    for order in orders.values():
        assert (order["outcome"], order["reported_by"]) == ("completed", "baton"), order
        assert 0 <= order["deposit_to_seen"] <= order["deposit_to_submitted"] < order["seconds"]


async def _chains_to_be_had() -> set[str]:
    had = set()
    for name, start in chain_nodes.STARTS.items():
        with suppress(NodeMissing):
            async with start():
                had.add(name)
    assert had == set(chain_nodes.STARTS) or os.environ.get(REQUIRED) != "1"
    return had


async def _demo(*arguments: str, **environment: str) -> list[dict[str, Any]]:
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
    assert process.returncode == 0, errors.decode()
    return [json.loads(line) for line in out.splitlines()]
