"""The Temporal workers that serve the partner accounts' activities, and the chains' watches.

Each account has two task queues: one for its calls, and one for its reads, whose rate is limited on the server to the
account's read budget.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from activities.address_deposits import AddressDepositActivities
from activities.adoption import AdoptionActivities
from activities.affiliates import AffiliateActivities, AffiliateReadActivities
from activities.deposit_watch import DepositWatchActivities
from activities.onramp import OnrampActivities
from activities.reads import ReadActivities
from activities.reconciliation import ReconciliationActivities
from activities.reprice import RepriceActivities
from activities.source_orders import SourceOrderActivities
from activities.source_reads import SourceReadActivities
from activities.sources import SourceActivities, SourceRecordActivities
from activities.support.account_clients import AccountClients
from activities.support.address_notices import AddressNotifier
from activities.support.hold_gate import HoldGate
from activities.support.notices import DepositNotifier
from activities.support.route_tokens import RouteTokens
from activities.support.streams import EventStreams
from activities.support.watch_start import WatchStarter
from activities.swap import SwapActivities
from activities.zeroconf import ZeroConfActivities
from baton.accounts.route_book import RouteBook
from baton.chains.spec import ChainSpec
from baton.ledger.ledger import Ledger
from baton.metrics.instruments import READS_ALLOWED
from baton.orders.names import WATCH_QUEUE, partner_queue, poll_queue
from baton.ownership.adopted_orders import AdoptedOrders
from baton.ownership.claims import Claims
from baton.process.worker_set import WorkerPlan
from baton.settings import PartnerAccount

MAX_READS = 100
"""Concurrent reads of an account; the read budget limits how many start in a second."""

MAX_STREAMS = 1000
"""Concurrent reads of an account that listens to event streams: each holds a slot and a connection while it waits."""

WATCH_HEARTBEAT_INTERVAL = timedelta(seconds=5)
"""How old the figures of a chain's watch, such as its providers' last error, can be in the Temporal UI."""


class AccountWorkers:
    """The workers for the accounts' calls and reads, and for the chains' watches.

    Args:
        client: A Temporal client.
        ledger: An open ledger.
        accounts: The accounts by name; an `AccountBook` if they may change.
        clients: The accounts' clients of the partner API.
        chains: The chains that are watched for deposits, by name.
        grace: Time that running activities get when a worker is drained.
        gate: Knows what is on hold.

    Attributes:
        workflow_calls: Activities of the workflow queue: those that are tried as local ones, and the writes of sources.
    """

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        accounts: Mapping[str, PartnerAccount],
        clients: AccountClients,
        chains: Mapping[str, ChainSpec],
        grace: timedelta,
        gate: HoldGate,
    ) -> None:
        self._client = client
        self._accounts = accounts
        self._grace = grace
        notifier = DepositNotifier(client, accounts, ledger)
        routes, claims = RouteBook(accounts), Claims(client, ledger)
        tokens = RouteTokens(accounts, clients, routes)
        at_addresses = AddressNotifier(client, accounts, ledger)
        self._watch = (
            DepositWatchActivities(chains, ledger, notifier, at_addresses, tokens_of=tokens.of) if chains else None
        )
        local_calls = _payers_calls(clients, ledger, claims, routes, WatchStarter(client, ledger, chains), gate)
        self.workflow_calls = [*local_calls, SourceRecordActivities(client, ledger, clients, chains).record_source]
        sources = SourceActivities(clients, routes)
        deposits = AddressDepositActivities(clients, AdoptedOrders(client, ledger))
        self._calls: list[Callable[..., Any]] = [
            *local_calls,
            *_answers(clients, ledger, gate),
            sources.create_source,
            sources.disable_source,
            *_affiliate_calls(clients),
            *_at_addresses(deposits),
        ]
        reads = ReadActivities(clients, claims, EventStreams(), routes)
        self._reads: list[Callable[..., Any]] = [
            reads.read_order,
            deposits.track_order,
            AdoptionActivities(client, ledger, clients).adopt_order,
            ReconciliationActivities(client, ledger, clients).reconcile_account,
            SourceReadActivities(client, ledger, clients).read_sources,
            SourceOrderActivities(client, ledger, clients).find_orders,
            *_affiliate_reads(clients, ledger),
        ]

    def plans(self) -> dict[str, WorkerPlan]:
        """Return the workers that should run now, by task queue."""
        plans: dict[str, WorkerPlan] = {}
        for account in [account for name in self._accounts if (account := self._accounts.get(name))]:
            plans[partner_queue(account.name)] = WorkerPlan((), partial(self._call_worker, account.name))
            READS_ALLOWED.labels(account.name).set(account.reads_per_second)
            plans[poll_queue(account.name)] = WorkerPlan(_read_limits(account), partial(self._read_worker, account))
        if self._watch:
            plans[WATCH_QUEUE] = WorkerPlan((), partial(self._watch_worker, self._watch))
        return plans

    async def aclose(self) -> None:
        """Close the connections to the chains."""
        if self._watch:
            await self._watch.aclose()

    def _call_worker(self, account_name: str) -> Worker:
        return Worker(
            self._client,
            task_queue=partner_queue(account_name),
            activities=self._calls,
            graceful_shutdown_timeout=self._grace,
        )

    def _read_worker(self, account: PartnerAccount) -> Worker:
        reads_per_second, concurrent_reads = _read_limits(account)
        return Worker(
            self._client,
            task_queue=poll_queue(account.name),
            activities=self._reads,
            max_task_queue_activities_per_second=reads_per_second,
            max_concurrent_activities=concurrent_reads,
            graceful_shutdown_timeout=self._grace,
        )

    def _watch_worker(self, activities: DepositWatchActivities) -> Worker:
        return Worker(
            self._client,
            task_queue=WATCH_QUEUE,
            activities=[activities.watch_chain],
            max_heartbeat_throttle_interval=WATCH_HEARTBEAT_INTERVAL,
            graceful_shutdown_timeout=self._grace,
        )


def _payers_calls(
    clients: AccountClients, ledger: Ledger, claims: Claims, routes: RouteBook, watches: WatchStarter, gate: HoldGate
) -> list[Callable[..., Any]]:
    """Return the calls that a payer waits for."""
    swap = SwapActivities(clients, ledger, claims, routes, watches, gate)
    onramp = OnrampActivities(clients, ledger, claims, routes, gate)
    return [swap.request_quote, swap.submit_deposit, onramp.request_onramp]


def _answers(clients: AccountClients, ledger: Ledger, gate: HoldGate) -> list[Callable[..., Any]]:
    """Return the answers to offers and repricings, with the terms that decide them."""
    zeroconf = ZeroConfActivities(clients, ledger, gate)
    reprice = RepriceActivities(clients, gate)
    return [
        zeroconf.zeroconf_terms,
        zeroconf.answer_zeroconf,
        reprice.reprice_policy,
        reprice.answer_reprice,
    ]


def _affiliate_calls(clients: AccountClients) -> list[Callable[..., Any]]:
    """Return the calls that change affiliates and claim their balances."""
    affiliates = AffiliateActivities(clients)
    return [affiliates.put_affiliate, affiliates.disable_affiliate, affiliates.claim_balance]


def _affiliate_reads(clients: AccountClients, ledger: Ledger) -> list[Callable[..., Any]]:
    """Return the reads of affiliates and their claims."""
    reads = AffiliateReadActivities(clients, ledger)
    return [
        reads.list_affiliates,
        reads.list_claims,
        reads.known_claims,
        reads.affiliate_report,
        reads.follow_claim,
        reads.due_claims,
    ]


def _at_addresses(deposits: AddressDepositActivities) -> list[Callable[..., Any]]:
    """Return the calls about deposits to reusable addresses."""
    return [deposits.index_address, deposits.refund_address_deposit]


def _read_limits(account: PartnerAccount) -> tuple[float, int]:
    """Return how many reads of an account may start in a second, and how many may run at once."""
    return account.reads_per_second, MAX_STREAMS if account.tracking == "sse" else MAX_READS
