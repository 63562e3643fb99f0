"""The limit on open files: how far it is raised, and how many connections fit below it."""

import resource
import subprocess
import sys

import pytest

from baton.process.open_files import connections_within
from tests.paths import ROOT

PRINT = """
import asyncio, resource, sys
from baton.process.lifecycle import run_main

async def main():
    print(*resource.getrlimit(resource.RLIMIT_NOFILE))
    return 0

resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
run_main(main())
"""


def test_a_process_raises_its_soft_limit_to_the_hard_one() -> None:
    hard = min(2000, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    command = [sys.executable, "-c", PRINT, "256", str(hard)]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.split() == [str(hard), str(hard)]


@pytest.mark.parametrize(("limit", "connections"), [(20_000, 19_800), (1024, 824), (300, 150), (1, 1)])
def test_connections_leave_files_for_the_rest_of_the_process(limit: int, connections: int) -> None:
    assert connections_within(limit) == connections
