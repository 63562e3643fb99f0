"""The worker is killed at the boundaries of the activities of five paths: no twin, no second submit, the same end.

By default at those of all calls; `--every-boundary` adds polls and the writes of the read model, and takes minutes.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.end_to_end.boundary_kills import Kill, Kills, varies
from tests.end_to_end.kill_paths import PATHS
from tests.end_to_end.world import running_world
from tests.temporal_server import AFTER_KILL, temporal_server

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
async def kills(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> AsyncIterator[Kills]:
    every = request.config.getoption("--every-boundary")
    folder: Path = tmp_path_factory.mktemp("boundaries")
    async with (
        temporal_server(**AFTER_KILL) as temporal,
        running_world(temporal, folder, with_worker=False) as world,
    ):
        running = Kills(world, folder)
        await running.run(lambda boundary: every or not varies(boundary))
        yield running


@pytest.mark.parametrize("path", PATHS)
def test_a_kill_at_any_boundary_leaves_the_path_its_end(kills: Kills, path: str) -> None:
    differences = [_difference(kills, kill) for kill in kills.done if kill.path == path]

    assert [difference for difference in differences if difference] == []


@pytest.mark.parametrize("path", PATHS)
def test_the_worker_was_killed_before_and_after_every_call(kills: Kills, path: str) -> None:
    killed_at = {kill.boundary for kill in kills.done if kill.path == path and kill.exact}

    assert {boundary for boundary in kills.boundaries[path] if not varies(boundary)} - killed_at == set()


def _difference(kills: Kills, kill: Kill) -> str:
    """What another end came of a kill; empty if the end is that of the undisturbed path."""
    expected, came = kills.undisturbed[kill.path], kill.ending.result()
    return "" if came == expected else f"{kill.path}, killed {kill.boundary}: {came} instead of {expected}"
