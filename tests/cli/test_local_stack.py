"""Commands in another shell use the stack that `baton up` runs in the same folder."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from baton.local.stack.state import StackState, environment_file, home_lock, remove_state, write_state
from tests.cli.command import Baton
from tests.end_to_end.world import World


@pytest.fixture
def running_stack(baton: Baton) -> Iterator[Path]:
    """The state file of a running stack that points to the world."""
    home = baton.folder / ".baton"
    with home_lock(home):
        state = StackState(
            pid=os.getpid(),
            gateway_url="",
            temporal_address=baton.environment["TEMPORAL_ADDRESS"],
            ui_url=None,
            sandbox_url=None,
            environment_file=str(environment_file(home)),
        )
        names = ("TEMPORAL_ADDRESS", "BATON_LEDGER_URL")
        write_state(home, state, {name: baton.environment[name] for name in names})
        yield home
        remove_state(home)


async def test_a_command_uses_the_local_stack_of_its_folder(
    world: World, baton: Baton, alone: Baton, running_stack: Path
) -> None:
    placed = await world.place()

    shown = await alone("show", placed.reference, "--json", TEMPORAL_ADDRESS="")

    assert (shown.code, shown.json["quote_id"]) == (0, placed.quote_id)


async def test_the_environment_overrides_the_local_stack(alone: Baton, running_stack: Path) -> None:
    assert (await alone("list")).code == 3


async def test_up_names_the_port_that_is_in_use(alone: Baton) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = await alone("up", BATON_GATEWAY_PORT=port)

    assert answer.code == 3
    assert answer.err.count("\n") == 1
    assert answer.err.startswith(f"error: Port {port}, wanted by the gateway, ")
