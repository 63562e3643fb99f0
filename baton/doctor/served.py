"""Checks whether a worker serves each endpoint and each chain's watch, which Temporal and the ledger show together."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import UTC, datetime

from temporalio.client import Client
from temporalio.service import RPCError

from baton.chains.spec import ChainSpec
from baton.health.chains import chain_health, judge_chain, read_watch
from baton.health.findings import CheckFinding, ok, problem, skipped
from baton.health.task_queues import ACTIVITIES, read_queue
from baton.ledger.ledger import Ledger
from baton.notifications.addresses import networks_of
from baton.notifications.book import EndpointBook
from baton.notifications.endpoint import notify_queue
from baton.settings import Settings, SettingsError
from baton.temporal import TemporalUnavailable, connect

NAMED = 5
"""Endpoints that one finding names; there may be very many."""

_AT_A_TIME = 20


async def check_served(
    settings: Settings, ledger: Ledger | None, chains: Mapping[str, ChainSpec]
) -> AsyncIterator[CheckFinding]:
    """Check whether a worker serves the endpoints' queues, and the watch of each chain where an address waits."""
    if ledger is None:
        yield skipped("workers.endpoints", "endpoints and watched addresses are read from the ledger")
        return
    try:
        client = await connect()
        names = await _endpoints(settings, ledger)
        yield _served_endpoints(names, await _unserved(client, names))
        for chain, addresses in (await ledger.watching.addresses()).items():
            reading, now = await read_watch(client, chain), datetime.now(UTC)
            yield next(judge_chain(chain_health(chain, addresses, reading, now), chains.get(chain), now))
    except (TemporalUnavailable, RPCError):
        yield skipped("workers.endpoints", "who serves endpoints and watches is seen through Temporal")
    except SettingsError:
        yield skipped("workers.endpoints", "the endpoints cannot be read")


async def _endpoints(settings: Settings, ledger: Ledger) -> list[str]:
    book = EndpointBook(settings.endpoints_file, ledger, networks_of(settings.notify_networks))
    return sorted(await book.refresh())


async def _unserved(client: Client, endpoints: Collection[str]) -> list[str]:
    turns = asyncio.Semaphore(_AT_A_TIME)

    async def is_served(name: str) -> bool:
        async with turns:
            return bool((await read_queue(client, notify_queue(name), ACTIVITIES)).workers)

    served = await asyncio.gather(*map(is_served, endpoints))
    return [name for name, has_worker in zip(endpoints, served, strict=True) if not has_worker]


def _served_endpoints(endpoints: Collection[str], unserved: Collection[str]) -> CheckFinding:
    check = "workers.endpoints"
    if not unserved:
        return ok(check, "a worker serves each endpoint's queue" if endpoints else "no endpoint is to be notified")
    queues = ", ".join(map(notify_queue, list(unserved)[:NAMED]))
    more = f" and {len(unserved) - NAMED} more" if len(unserved) > NAMED else ""
    return problem(
        check,
        f"no worker serves {queues}{more}",
        "these endpoints are not notified; events are kept for 30 days, and orders go on",
        "start `baton worker` with the same BATON_ENDPOINTS_FILE, and with `notify` in BATON_ONLY if that is set",
    )
