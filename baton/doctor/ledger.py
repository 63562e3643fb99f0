"""Checks of the ledger: reachable, its schema, whether it has all orders, and when its chains were last scanned."""

import shutil
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from baton.health.findings import CheckFinding, ok, problem, skipped, warning
from baton.ledger.errors import LedgerError, LedgerUrlError
from baton.ledger.inspection import LedgerInspection, LedgerState, inspect_ledger
from baton.ledger.ledger import Ledger

TIMEOUT = 5.0
"""Seconds that a look at the ledger may take."""

LEAST_DISK = 256 * 1024 * 1024
"""Bytes below which a SQLite ledger is in danger: its write-ahead log alone can grow to this under load."""

GOOD_DISK = 2 * 1024 * 1024 * 1024
"""Bytes that last for about 200,000 orders."""

LONG_UNSCANNED = timedelta(minutes=10)
"""The slowest chains are scanned every few minutes."""

_STOPPED = "webhooks are answered with 503, which Orchestra repeats for 33 hours; orders go on by reads"


async def check_ledger(url: str) -> tuple[LedgerInspection | None, list[CheckFinding]]:
    """Check whether the ledger can be used; also return what it is, or None if it cannot be reached."""
    try:
        found = await inspect_ledger(url, TIMEOUT)
    except LedgerUrlError as error:
        effect, remedy = "neither worker nor gateway starts", "correct BATON_LEDGER_URL"
        return None, [problem("ledger.reachable", f"BATON_LEDGER_URL cannot be used: {error}", effect, remedy)]
    except LedgerError as error:
        remedy = "start the database, or correct BATON_LEDGER_URL"
        return None, [problem("ledger.reachable", str(error), _STOPPED, remedy)]
    disk = [_disk(found.file)] if found.file else []
    return found, [_schema(found), *disk]


def _schema(found: LedgerInspection) -> CheckFinding:
    check = "ledger.schema"
    match found.state:
        case LedgerState.NEWER:
            return problem(
                check,
                f"the ledger at {found.name} has schema version {found.version}, which a newer Baton wrote",
                "worker and gateway of this version do not start",
                "run the newer Baton, or set BATON_LEDGER_URL to another database",
            )
        case LedgerState.OLDER:
            return warning(
                check,
                f"the ledger at {found.name} has the schema version {found.version} of an older Baton",
                "the next worker or gateway of this version upgrades it; with BATON_LEDGER_UPGRADE=command none starts",
                "run `baton ledger upgrade`, or start `baton worker`",
            )
        case LedgerState.ABSENT:
            return warning(
                check,
                f"there is no ledger at {found.name} yet",
                "the next worker or gateway makes it, and the worker fills it from Temporal; with "
                "BATON_LEDGER_UPGRADE=command none starts",
                "start `baton worker`; with BATON_LEDGER_UPGRADE=command run `baton ledger upgrade` first",
            )
    return ok(check, f"the ledger at {found.name} has schema version {found.version}")


def _disk(file: Path) -> CheckFinding:
    folder = file.parent if file.parent.exists() else Path()
    free = shutil.disk_usage(folder).free
    message = f"{free / 1024**3:.1f} GiB are free where the ledger is ({folder})"
    if free < LEAST_DISK:
        return problem("machine.disk", message, f"when it is full, {_STOPPED}", "free some space")
    if free < GOOD_DISK:
        return warning("machine.disk", message, f"when it is full, {_STOPPED}", "free some space")
    return ok("machine.disk", message)


@asynccontextmanager
async def open_existing(url: str, found: LedgerInspection | None) -> AsyncIterator[Ledger | None]:
    """Open a ledger that needs no change, or give None."""
    if found is None or found.state is not LedgerState.CURRENT:
        yield None
        return
    async with await Ledger.open(url, timeout=TIMEOUT) as ledger:
        yield ledger


async def check_contents(ledger: Ledger | None, chains: Collection[str]) -> AsyncIterator[CheckFinding]:
    """Check whether the ledger has all orders, and whether its chains are scanned."""
    if ledger is None:
        yield skipped("ledger.complete", "there is no ledger of this version to look into")
        return
    yield await _complete(ledger)
    scanned = await ledger.watching.scanned_at()
    for chain in chains:
        yield _scanned(chain, scanned.get(chain))


async def _complete(ledger: Ledger) -> CheckFinding:
    if await ledger.is_complete():
        return ok("ledger.complete", "the ledger has all orders")
    return warning(
        "ledger.complete",
        "the ledger is new or was replaced, and does not have all orders yet",
        "webhooks of orders that it lacks are answered with 503 until it has them",
        "let `baton worker` run, which rebuilds it, or run `baton ledger rebuild`",
    )


def _scanned(chain: str, at: datetime | None) -> CheckFinding:
    check = "chain.scanned"
    if at is None:
        return ok(check, "was not scanned yet; a scan begins with the first order that is paid there", chain)
    age = datetime.now(UTC) - at
    if age > LONG_UNSCANNED:
        return warning(
            check,
            f"was last scanned at {at:%Y-%m-%d %H:%M} UTC",
            "if an order waits for a deposit there, it is noticed only by the business's or Orchestra's report",
            "look for the chain's provider in the worker's log; nothing is wrong if no order waits there",
            chain,
        )
    return ok(check, f"was scanned {round(age.total_seconds())} s ago", chain)
