"""The long-running worker: workflows and activities on all task queues, drained on SIGTERM.

It serves every partner account of the settings, and follows their changes without a restart. It starts only when
Temporal and its namespace are there, and says in one sentence what is missing otherwise.
"""

import asyncio
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.deposit_watch import WatchActivities
from activities.onramp import OnrampActivities
from activities.reads import ReadActivities
from activities.record import RecordingActivities
from activities.reprice import RepriceActivities
from activities.support.notices import Notices
from activities.support.partners import Partners, new_client
from activities.support.streams import Streams
from activities.support.watch_start import WatchStarter
from activities.swap import PartnerActivities
from activities.zeroconf import ApprovalActivities
from baton.accounts.book import AccountBook
from baton.accounts.policies import check_policies
from baton.accounts.route_book import RouteBook
from baton.chains.catalogue import watched_chains
from baton.chains.errors import ChainConfigError
from baton.chains.spec import ChainSpec
from baton.ledger.errors import LedgerError
from baton.ledger.ledger import Ledger
from baton.orders.names import WATCH_QUEUE, WORKFLOW_QUEUE, partner_queue, poll_queue
from baton.orders.visibility import REGISTRY
from baton.process.lifecycle import EXIT_DONE, EXIT_UNREACHABLE, EXIT_USAGE, ReadyFile, leave, run_main, stop_requested
from baton.process.logs import configure_logs, get_logger
from baton.process.worker_set import WorkerPlan, WorkerSet
from baton.settings import PartnerAccount, Settings, SettingsError, load_settings
from baton.temporal import TemporalUnavailable, connect, ensure_search_attributes, require_namespace
from workflows.deposit_watch import DepositWatchWorkflow
from workflows.order import OrderWorkflow
from workflows.refund import RefundWorkflow
from workflows.zeroconf_approval import ZeroConfApprovalWorkflow

PASSED_THROUGH = ("baton", "pydantic", "pydantic_core", "annotated_types")
"""Modules that the workflow sandbox shares instead of loading them anew for each order.

Building their models costs most of an order's CPU time and memory in the worker; being pure, they hold nothing that one
order could leave behind for another. What makes commands stays inside the sandbox.
"""

READS_AT_ONCE = 100
"""Reads of an account that may be under way at once; how many start is the read budget's matter."""

STREAMS_AT_ONCE = 1000
"""The same for an account that listens to event streams: each holds a slot and a connection while its order rests."""

ACCOUNTS_PAUSE = 2.0
"""Seconds between two looks at which accounts there are."""

WATCH_SHOWN_EVERY = timedelta(seconds=5)
"""How old what a chain's watch tells of itself, such as trouble with its providers, may be where people look."""

WORKFLOWS = (OrderWorkflow, RefundWorkflow, ZeroConfApprovalWorkflow, DepositWatchWorkflow)
"""Everything that the workflow queue serves."""

STICKY_PATIENCE = timedelta(seconds=5)
"""After a worker was killed, its orders' first wake-up waits this long before another worker may take it."""


def workflow_worker(client: Client, ledger: Ledger, grace: timedelta) -> Worker:
    """Return the worker that runs the workflows and their local activities."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return Worker(
        client,
        task_queue=WORKFLOW_QUEUE,
        workflows=WORKFLOWS,
        activities=[RecordingActivities(ledger).record_order],
        workflow_runner=SandboxedWorkflowRunner(restrictions=restrictions),
        sticky_queue_schedule_to_start_timeout=STICKY_PATIENCE,
        graceful_shutdown_timeout=grace,
    )


class AccountWorkers:
    """What serves the partner accounts: their clients, what can be ordered, their streams, and the workers.

    Args:
        client: A Temporal client.
        ledger: An open ledger.
        accounts: The accounts by name; an `AccountBook` where they may change.
        partners: Their clients.
        chains: The chains whose deposits are looked for, by name.
        grace: Time that running activities get when a worker is drained.
    """

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        accounts: Mapping[str, PartnerAccount],
        partners: Partners,
        chains: Mapping[str, ChainSpec],
        grace: timedelta,
    ) -> None:
        self._client = client
        self._accounts = accounts
        self._grace = grace
        self._watching = WatchActivities(chains, ledger, Notices(client, accounts, ledger)) if chains else None
        starter = WatchStarter(client, ledger, chains)
        book = RouteBook(accounts)
        changing = PartnerActivities(partners, ledger, book, starter)
        approving = ApprovalActivities(partners, ledger)
        repricing = RepriceActivities(partners)
        self._calls: list[Callable[..., Any]] = [
            changing.request_quote,
            changing.submit_deposit,
            approving.zeroconf_terms,
            approving.answer_zeroconf,
            repricing.reprice_policy,
            repricing.answer_reprice,
            OnrampActivities(partners, ledger, book).request_onramp,
        ]
        self._reads: list[Callable[..., Any]] = [ReadActivities(partners, ledger, Streams()).read_order]

    def plans(self) -> dict[str, WorkerPlan]:
        """Return the workers that are wanted now: for each account its calls, and its reads in its budget."""
        accounts = [account for name in self._accounts if (account := self._accounts.get(name))]
        calls = {partner_queue(one.name): WorkerPlan((), partial(self._caller, one.name)) for one in accounts}
        reads = {poll_queue(one.name): WorkerPlan(_budget(one), partial(self._reader, one)) for one in accounts}
        watch = {WATCH_QUEUE: WorkerPlan((), partial(self._watcher, self._watching))} if self._watching else {}
        return calls | reads | watch

    async def aclose(self) -> None:
        """Close the connections to the chains."""
        if self._watching:
            await self._watching.aclose()

    def _watcher(self, watching: WatchActivities) -> Worker:
        return Worker(
            self._client,
            task_queue=WATCH_QUEUE,
            activities=[watching.watch_chain],
            max_heartbeat_throttle_interval=WATCH_SHOWN_EVERY,
            graceful_shutdown_timeout=self._grace,
        )

    def _caller(self, account: str) -> Worker:
        return Worker(
            self._client,
            task_queue=partner_queue(account),
            activities=self._calls,
            graceful_shutdown_timeout=self._grace,
        )

    def _reader(self, account: PartnerAccount) -> Worker:
        rate, at_once = _budget(account)
        return Worker(
            self._client,
            task_queue=poll_queue(account.name),
            activities=self._reads,
            max_task_queue_activities_per_second=rate,
            max_concurrent_activities=at_once,
            graceful_shutdown_timeout=self._grace,
        )


def _budget(account: PartnerAccount) -> tuple[float, int]:
    """Return how many reads of an account may start in a second, and how many may be under way."""
    return account.reads_per_second, STREAMS_AT_ONCE if account.tracking == "sse" else READS_AT_ONCE


def usable(account: PartnerAccount) -> None:
    """Check what the settings alone cannot: address, key and policies.

    Raises:
        SettingsError: Something does not fit; the text names the account and the field.
    """
    new_client(account)
    check_policies(account)


async def serve(
    client: Client,
    ledger: Ledger,
    accounts: Mapping[str, PartnerAccount],
    grace: timedelta,
    stop: asyncio.Event,
    chains: Mapping[str, ChainSpec] = MappingProxyType({}),
) -> None:
    """Run all queues until `stop` is set, then let running activities finish within the grace.

    An account that comes or goes meanwhile gets or loses its queues; its key and policies count from the next call on.
    """
    workers = WorkerSet()
    async with Partners(accounts) as partners:
        office = AccountWorkers(client, ledger, accounts, partners, chains, grace)
        workflows = WorkerPlan((), lambda: workflow_worker(client, ledger, grace))
        try:
            await workers.keep({WORKFLOW_QUEUE: workflows, **office.plans()})
            told = {"accounts": sorted(accounts), "chains": sorted(chains), "namespace": client.namespace}
            get_logger("worker").info("worker runs", **told)
            with ReadyFile():
                while not stop.is_set():
                    await workers.rest(stop, ACCOUNTS_PAUSE)
                    await workers.keep({WORKFLOW_QUEUE: workflows, **office.plans()})
            get_logger("worker").info("worker drains", grace_seconds=grace.total_seconds())
        finally:
            await workers.stop()
            await office.aclose()


async def run_worker(settings: Settings) -> int:
    """Run the worker process; return its exit code."""
    stop = stop_requested()
    log = get_logger("worker")
    try:
        accounts = AccountBook(settings, check=usable)
        chains = watched_chains(settings.chains_file, settings.watch)
        client = await connect()
        await require_namespace(client)
        await ensure_search_attributes(client, REGISTRY)
        async with await Ledger.open(settings.ledger) as ledger:
            await serve(client, ledger, accounts, timedelta(seconds=settings.shutdown_grace), stop, chains)
    except (SettingsError, ChainConfigError) as error:
        log.error(f"the worker cannot start: {error}")
        return EXIT_USAGE
    except (TemporalUnavailable, LedgerError) as error:
        log.error(f"the worker cannot start: {error}")
        return EXIT_UNREACHABLE
    return EXIT_DONE


def main() -> int:
    """Run the worker as its own process."""
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    configure_logs("worker", style=settings.log_format, level=settings.log_level)
    return run_main(run_worker(settings))


if __name__ == "__main__":
    sys.exit(leave(main()))
