"""Servers that repeat the keys they were given: nothing of them in histories, in the ledger, or in the log."""

import base64
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from baton.chains.spec import ProviderSpec
from baton.process.http_server import address_of, listen, serving
from baton.redaction import BLANK
from tests.end_to_end.chain_orders import evm_chain
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.temporal_server import temporal_server

KEY = "fn_e2eA1b2C3d4E5f6G7h8"
CHAIN_KEY = "chn0A9b8C7d6E5f4G3h2"
TOKEN = "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913"

ECHOES = [
    KEY,
    KEY.upper(),
    "".join(f"%{ord(char):02X}" for char in KEY),
    "".join(f"\\u{ord(char):04x}" for char in KEY),
    base64.b64encode(KEY.encode()).decode(),
    KEY[:16],
]


def parts_of(key: str) -> list[bytes]:
    """Return what is left of a key that is not blanked out: its middle, in the spellings of the echoes."""
    middle = key[4:16]
    coded = ["".join(f"%{ord(char):02X}" for char in middle), "".join(f"u{ord(char):04x}" for char in middle)]
    return [part.encode() for part in [middle, middle.upper(), *coded, base64.b64encode(key.encode()).decode()[4:16]]]


PARTS = [*parts_of(KEY), *parts_of(CHAIN_KEY)]


async def chain_node(request: Request) -> JSONResponse:
    """Answer as the chain's provider: only the number of the chain is real, everything else quotes the key."""
    call = await request.json()
    answer: dict[str, Any] = {"jsonrpc": "2.0", "id": call["id"]}
    if call["method"] == "eth_chainId":
        return JSONResponse({**answer, "result": hex(31337)})
    key = request.headers["authorization"].split()[1]
    message = f"project {key} has no access ({request.url})"
    return JSONResponse({**answer, "error": {"code": -32001, "message": message}})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secrets")


@pytest.fixture(scope="module")
async def echoing(folder: Path) -> AsyncIterator[World]:
    """Run Baton with an account and a chain whose servers know its keys."""
    listener = listen("127.0.0.1", 0)
    node = Starlette(routes=[Route("/{path:path}", chain_node, methods=["POST"])])
    provider = ProviderSpec(
        url=SecretStr(f"{address_of(listener)}/v3/{CHAIN_KEY}"),
        headers={"authorization": SecretStr(f"Bearer {CHAIN_KEY}")},
    )
    chain = evm_chain(TOKEN, providers=(provider,))
    async with (
        serving(node, listener, grace=1),
        temporal_server() as temporal,
        running_world(temporal, folder, chains={"base": chain}) as world,
    ):
        await world.sandbox.accept_keys(KEY)
        world.account.api_key = SecretStr(KEY)
        yield world


async def leaks(world: World, folder: Path, **texts: object) -> list[tuple[str, bytes]]:
    """Return where a part of a key is left: in Temporal, in the ledger, or in the given texts."""
    client, found = world.environment.client, {name: repr(text).encode() for name, text in texts.items()}
    async for execution in client.list_workflows():
        handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
        history = await handle.fetch_history()
        found[f"history of {execution.id}"] = b"".join(event.SerializeToString() for event in history.events)
        found[f"description of {execution.id}"] = (await handle.describe()).raw_description.SerializeToString()
    with closing(sqlite3.connect(folder / "ledger.db")) as ledger:
        found["ledger"] = "\n".join(ledger.iterdump()).encode()
    return [(name, part) for name, content in found.items() for part in PARTS if part in content]


@pytest.mark.parametrize("echo", ECHOES)
async def test_orchestras_echo_of_the_key_is_stored_nowhere(echoing: World, folder: Path, echo: str) -> None:
    fault = {"kind": "error", "message": f"the key {echo} is odd"}
    with capture_logs() as lines:
        await echoing.sandbox.fault("quote", status=500, **fault)
        placed = await echoing.place()
        await echoing.sandbox.fault("submit", quoteId=placed.quote_id, status=400, code="invalid_request", **fault)
        await echoing.deposit_and_report(placed, detect=False)
        refused = await eventually(lambda: echoing.snapshot(placed), lambda shown: BLANK in shown.model_dump_json())

    assert await leaks(echoing, folder, log=lines, snapshot=refused) == []


async def test_a_chain_providers_echo_of_the_key_is_stored_nowhere(echoing: World, folder: Path) -> None:
    watch = echoing.environment.client.get_workflow_handle("deposit-watch/base")

    async def description() -> bytes:
        return (await watch.describe()).raw_description.SerializeToString()

    with capture_logs() as lines:
        await echoing.place()
        await eventually(description, lambda described: b"has no access" in described)

    assert await leaks(echoing, folder, log=lines) == []
