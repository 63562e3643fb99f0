"""Everything that one worker process does, from its start until it is drained."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from activities.account_workers import AccountWorkers
from activities.notify_workers import NotifyWorkers
from activities.share import Part, Share
from activities.support.account_clients import AccountClients
from activities.support.hold_gate import HoldGate
from activities.support.hold_watch import HoldWatch
from activities.support.read_model import ReadModelPublisher, SnapshotFeed
from baton.accounts.claim_schedules import ClaimSchedules
from baton.chains.spec import ChainSpec
from baton.ledger.ledger import Ledger
from baton.notifications.book import EndpointBook
from baton.orders.names import WORKFLOW_QUEUE
from baton.pages.order_pages import OrderPages
from baton.process.background import Background
from baton.process.lifecycle import ReadyFile
from baton.process.logs import get_logger
from baton.process.worker_set import WorkerPlan, WorkerSet
from baton.reconciliation.schedules import ReconcileSchedules
from baton.recovery.keeper import LedgerKeeper
from baton.settings import PartnerAccount
from baton.temporal import follow_login

ACCOUNTS_INTERVAL = 2.0
"""Seconds between two checks for added, removed and changed accounts."""

_log = get_logger("worker")

WorkflowWorkerBuilder = Callable[[Sequence[Callable[..., Any]], SnapshotFeed], Worker]
"""Builds the worker of the workflow queue from the calls that it makes itself and what takes its snapshots."""


@dataclass(frozen=True)
class ServiceOptions:
    """What a worker process serves, and how.

    Attributes:
        client: A Temporal client.
        ledger: An open ledger.
        accounts: The accounts by name; an `AccountBook` if they may change.
        chains: The chains that are watched for deposits, by name.
        grace: Time that running activities get when the process stops.
        endpoints: The endpoints that are notified of events.
        share: Which task queues it serves.
        reconcile_at: When the accounts are reconciled, as the setting says.
        kept: Ended orders leave the ledger once they are as old; None for never.
        pages: The addresses of the pages about an order; None for no pages.
    """

    client: Client
    ledger: Ledger
    accounts: Mapping[str, PartnerAccount]
    chains: Mapping[str, ChainSpec]
    grace: timedelta
    endpoints: EndpointBook
    share: Share
    reconcile_at: str
    kept: timedelta | None = None
    pages: OrderPages | None = None


class WorkerService:
    """The task queues of a share, and with those of the workflows the ledger's upkeep and the Schedules.

    Args:
        options: What it serves.
        clients: The accounts' clients of the partner API.
        build: Builds the worker of the workflow queue.
    """

    def __init__(self, options: ServiceOptions, clients: AccountClients, build: WorkflowWorkerBuilder) -> None:
        client, ledger, accounts, grace = options.client, options.ledger, options.accounts, options.grace
        gate = HoldGate()
        self._options = options
        self._workers = WorkerSet()
        self._accounts = AccountWorkers(client, ledger, accounts, clients, options.chains, grace, gate)
        self._publisher = ReadModelPublisher(ledger)
        feed = SnapshotFeed(self._publisher.offer, options.pages, self._publisher.note_written)
        self._workflows = WorkerPlan((), lambda: build(self._accounts.workflow_calls, feed))
        self._notifying = NotifyWorkers(client, ledger, options.endpoints, grace)
        self._schedules = (ClaimSchedules(client, accounts), ReconcileSchedules(client, accounts, options.reconcile_at))
        self._hold_watch = HoldWatch(client, gate)
        self._upkeep, self._watching = Background(), Background()
        self._idle = False

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, then let running activities finish within the grace."""
        try:
            self._start_background()
            await self._keep()
            self._log_start()
            await self._serve(stop)
            _log.info("worker drains", grace_seconds=self._options.grace.total_seconds())
        finally:
            await self._aclose()

    def _start_background(self) -> None:
        options = self._options
        if Part.WORKFLOWS in options.share.parts:
            self._upkeep.run(LedgerKeeper(options.client, options.ledger, options.chains, kept=options.kept).run())
        if Part.NOTIFY in options.share.parts:
            self._upkeep.run(self._notifying.plan())
        self._watching.run(self._hold_watch.run())

    async def _serve(self, stop: asyncio.Event) -> None:
        with ReadyFile() as ready:
            while not stop.is_set():
                await self._workers.wait(stop, ACCOUNTS_INTERVAL)
                ready.renew()
                await self._keep()

    async def _keep(self) -> None:
        """Bring connection, queues and Schedules up to what the settings say now."""
        options = self._options
        follow_login(options.client)
        self._workers.renew(options.client)
        if options.pages is not None:
            options.pages.refresh()
        plans = {WORKFLOW_QUEUE: self._workflows, **self._accounts.plans(), **self._notifying.plans()}
        served = options.share.of_plans(plans)
        self._note_idleness(idle=not served)
        await self._workers.keep(served)
        if Part.WORKFLOWS in options.share.parts:
            for schedules in self._schedules:
                await schedules.keep()

    def _note_idleness(self, *, idle: bool) -> None:
        """Warn once of a share that has no queue, such as `watch` without a chain or `notify` without an endpoint."""
        if idle and not self._idle:
            _log.warning("this worker serves no task queue: its share has none", **self._options.share.words)
        self._idle = idle

    def _log_start(self) -> None:
        options = self._options
        names = {"accounts": sorted(options.accounts), "chains": sorted(options.chains)}
        _log.info("worker runs", **names, namespace=options.client.namespace, **options.share.words)

    async def _aclose(self) -> None:
        await self._upkeep.stop()
        await self._workers.stop()
        # Holds are watched to the end: calls that are still running ask about them.
        await self._watching.stop()
        await self._publisher.aclose()
        await self._accounts.aclose()
        await self._notifying.aclose()
