"""Five processes write to one ledger at once, the same orders among others: nothing is lost, twice, or over a cap."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from datetime import timedelta

from baton.ledger.ledger import Ledger
from baton.ledger.rows import EventRow
from tests.ledger.examples import NOON
from tests.ledger.many_writers import CAP, OFFER, OWN, SHARED
from tests.paths import ROOT

PROCESSES = 5
DEADLINE = 90.0
EVENTS = SHARED * 3 + PROCESSES * OWN


async def follow(ledger: Ledger) -> list[EventRow]:
    """Read the feed as an endpoint does, each time after the newest event that it has."""
    read: list[EventRow] = []
    while len(read) < EVENTS:
        read += await ledger.events.after(read[-1].seq or 0 if read else 0, limit=7)
        await asyncio.sleep(0)
    return read


async def start(url: str, number: int) -> Process:
    arguments = ("-m", "tests.ledger.many_writers", url, str(number))
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )


async def write_at_once(url: str) -> list[tuple[int | None, bytes, bytes]]:
    """Let all processes begin in the same moment; return the exit code and outputs of each."""
    processes = [await start(url, number) for number in range(PROCESSES)]
    try:
        for process in processes:
            assert process.stdout
            assert await process.stdout.readline() == b"ready\n"
        outputs = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
        return [(process.returncode, *output) for process, output in zip(processes, outputs, strict=True)]
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.communicate()


async def test_many_processes_that_write_at_once_lose_nothing(complete_ledger: Ledger, ledger_url: str) -> None:
    async with asyncio.timeout(DEADLINE):
        ended, followed = await asyncio.gather(write_at_once(ledger_url), follow(complete_ledger))

    assert [(code, errors) for code, _, errors in ended] == [(0, b"")] * PROCESSES
    assert sum(int(output) for _, output, _ in ended) == CAP // OFFER
    assert await complete_ledger.credits.total("default", NOON - timedelta(days=1)) == CAP
    numbers = [row.seq for row in followed]
    assert numbers == sorted(set(numbers))
    assert [row.seq for row in await complete_ledger.events.after(0, limit=500)] == numbers
    assert len({row.id for row in followed}) == EVENTS
    own = [f"order/default/{process}-{number}" for process in range(PROCESSES) for number in range(OWN)]
    for name in own:
        assert await complete_ledger.find_workflow("default", quote_id=name) == name
        assert len(await complete_ledger.deliveries(name)) == 1
    paid = await complete_ledger.payers.payments("default", "customer-7", NOON - timedelta(days=1), besides="")
    assert {row.workflow_id for row in paid} == set(own)
    rows = await complete_ledger.orders(limit=500)
    assert len(rows) == SHARED + len(own)
    assert {row.revision for row in rows if "shared" in row.workflow_id} == {PROCESSES}
