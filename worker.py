"""The long-running worker: workflows and activities on all task queues, drained on SIGTERM.

It serves every partner account in the settings and follows their changes without a restart. If Temporal, its namespace
or the ledger is missing, it does not start and says in one sentence what is missing.
"""

import gc

if __name__ == "__main__":
    gc.disable()  # nothing that an import makes is garbage, and looking for some takes a fifth of the start

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from temporalio.client import Client, Interceptor
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.acts import ActActivities
from activities.bulk import BulkActivities
from activities.holds import HoldActivities
from activities.placement import PlacementActivities
from activities.record import RecordActivities
from activities.share import Share
from activities.support.account_clients import AccountClients, new_client
from activities.support.read_model import SnapshotFeed
from activities.worker_service import ServiceOptions, WorkerService
from baton.accounts.book import AccountBook
from baton.accounts.policies import check_policies
from baton.chains.catalogue import watched_chains
from baton.chains.errors import ChainConfigError
from baton.chains.spec import ChainSpec
from baton.ledger.errors import LedgerError, LedgerReadOnly, LedgerUrlError
from baton.ledger.ledger import Ledger
from baton.metrics.applied import AppliedWebhooks
from baton.metrics.observers import note_ledger_error
from baton.metrics.sdk_text import SdkMetrics
from baton.metrics.worker_server import serving_metrics
from baton.nexus.handlers import BatonServiceHandler
from baton.notifications.addresses import networks_of
from baton.notifications.book import EndpointBook
from baton.order_lists import OrderLists
from baton.orders.names import WORKFLOW_QUEUE
from baton.orders.visibility import REGISTRY
from baton.pages.order_pages import OrderPages, order_pages
from baton.process.activity_logs import ActivityLogs
from baton.process.compact_runner import CompactRunner, DetachedHeaders
from baton.process.http_server import CannotListen
from baton.process.lifecycle import EXIT_DONE, EXIT_UNREACHABLE, EXIT_USAGE, ReadyFile, leave, run_main, stop_requested
from baton.process.logs import configure_logs, get_logger
from baton.process.native_logs import forward_native_logs
from baton.process.payload_walks import spare_walks
from baton.process.tracing import tracing
from baton.settings import OFF, PartnerAccount, Settings, SettingsError, load_settings
from baton.temporal import TemporalUnavailable, connect, ensure_search_attributes, require_namespace
from workflows.registry import WORKFLOWS

PASSED_THROUGH = ("baton", "pydantic", "pydantic_core", "annotated_types", "opentelemetry")
"""Modules that the workflow sandbox shares between orders instead of importing them again for each order.

Building their models would take most of an order's CPU time and memory in the worker. Sharing is safe because they are
pure: they keep no state from one order to the next. The workflows themselves stay inside the sandbox.
"""

STICKY_TIMEOUT = timedelta(seconds=5)
"""After a worker is killed, the next workflow task of its orders waits this long before another worker gets it."""

WORKFLOW_TASKS = 40
"""Workflow tasks that a worker does at the same time. In a burst each needs the processor many times until its local
activity is done; with a hundred at once all of them take longer than Temporal waits for one, and are done twice."""

WORKFLOW_CACHE: int = Settings.model_fields["workflow_cache"].default
"""How many workflows a worker keeps in memory, unless the settings say otherwise."""

_EVERYTHING = Share()


async def serve(
    client: Client,
    ledger: Ledger,
    accounts: Mapping[str, PartnerAccount],
    grace: timedelta,
    stop: asyncio.Event,
    chains: Mapping[str, ChainSpec] = MappingProxyType({}),
    *,
    runner: WorkflowRunner,
    workflow_cache: int = WORKFLOW_CACHE,
    endpoints: EndpointBook | None = None,
    deployment: WorkerDeploymentConfig | None = None,
    share: Share = _EVERYTHING,
    reconcile_at: str = OFF,
    kept: timedelta | None = None,
    pages: OrderPages | None = None,
) -> None:
    """Serve the task queues of a share until `stop` is set, then let running activities finish within the grace.

    An account that is added or removed meanwhile gets or loses its queues; a new key or policy counts from the next
    call on. `runner` runs the workflows' code, of the version that `deployment` names; `reconcile_at` is a setting, and
    `pages` returns the addresses of the pages about an order. Ended orders leave the ledger once they are as old as
    `kept`.
    """
    options = ServiceOptions(
        client=client,
        ledger=ledger,
        accounts=accounts,
        chains=chains,
        grace=grace,
        endpoints=endpoints or EndpointBook(None, ledger),
        share=share,
        reconcile_at=reconcile_at,
        kept=kept,
        pages=pages,
    )

    def build(calls: Sequence[Callable[..., Any]], feed: SnapshotFeed) -> Worker:
        return workflow_worker(client, ledger, calls, feed, grace, runner, cached=workflow_cache, deployment=deployment)

    async with AccountClients(accounts, serves=share.serves_account) as clients:
        await WorkerService(options, clients, build).run(stop)


def workflow_worker(
    client: Client,
    ledger: Ledger,
    calls: Sequence[Callable[..., Any]],
    feed: SnapshotFeed,
    grace: timedelta,
    runner: WorkflowRunner,
    *,
    cached: int,
    deployment: WorkerDeploymentConfig | None = None,
) -> Worker:
    """Return the worker that runs the workflows and their local activities.

    Args:
        client: A Temporal client.
        ledger: An open ledger.
        calls: Activities of the workflow queue, and calls to Orchestra that are tried as local activities first.
        feed: Takes the workflows' snapshots for the read model.
        grace: Time that running activities get when the worker is drained.
        runner: What runs the workflows' code.
        cached: How many workflows stay in memory.
        deployment: The version of the code, with Worker Versioning. Other queues stay unversioned: their activities
            take what any version of the workflows sends.
    """
    spare_walks()
    return Worker(
        client,
        task_queue=WORKFLOW_QUEUE,
        workflows=WORKFLOWS,
        activities=[*_own_activities(client, ledger, feed), *calls],
        nexus_service_handlers=[BatonServiceHandler(client)],
        interceptors=[feed, AppliedWebhooks(), DetachedHeaders()],
        workflow_runner=runner,
        max_cached_workflows=cached,
        max_concurrent_workflow_tasks=WORKFLOW_TASKS,
        sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT,
        graceful_shutdown_timeout=grace,
        deployment_config=deployment,
    )


def _own_activities(client: Client, ledger: Ledger, feed: SnapshotFeed) -> list[Callable[..., Any]]:
    """Return the activities of the workflow queue that call nobody but Temporal and the ledger."""
    holds, bulks = HoldActivities(client, ledger), BulkActivities(client, ledger)
    records = RecordActivities(ledger, feed.note_written)
    return [
        records.record_order,
        records.record_attention,
        ActActivities(ledger).record_act,
        bulks.run_bulk,
        bulks.call_bulk,
        PlacementActivities(client).read_placement,
        holds.release_held_orders,
        holds.count_held_orders,
    ]


def deployment_of(settings: Settings) -> WorkerDeploymentConfig | None:
    """Return the version that the settings give this code; None without Worker Versioning.

    Raises:
        SettingsError: Only one of its two settings is there.
    """
    if not settings.deployment_name and not settings.build_id:
        return None
    if not settings.deployment_name or not settings.build_id:
        missing = "BATON_BUILD_ID" if settings.deployment_name else "BATON_DEPLOYMENT_NAME"
        raise SettingsError(f"{missing} is missing: Worker Versioning needs BATON_DEPLOYMENT_NAME and BATON_BUILD_ID")
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment_name, settings.build_id),
        use_worker_versioning=True,
        default_versioning_behavior=_BEHAVIORS[settings.versioning],
    )


_BEHAVIORS = {"auto_upgrade": VersioningBehavior.AUTO_UPGRADE, "pinned": VersioningBehavior.PINNED}


def workflow_runner(*, sandboxed: bool) -> WorkflowRunner:
    """Return what runs the workflows' code: with or without Temporal's workflow sandbox."""
    if not sandboxed:
        return CompactRunner()
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return SandboxedWorkflowRunner(restrictions=restrictions)


def check_account(account: PartnerAccount) -> None:
    """Check an account's address, key and policies, which the settings alone cannot check.

    Raises:
        SettingsError: A value is wrong; the text names the account and the field.
    """
    new_client(account)
    check_policies(account)


async def run_worker(settings: Settings, sdk: SdkMetrics | None = None, traces: Sequence[Interceptor] = ()) -> int:
    """Run the worker process; return its exit code."""
    stop = stop_requested()
    log = get_logger("worker")
    try:
        accounts = AccountBook(settings, check=check_account)
        chains = watched_chains(settings.chains_file, settings.watch)
        client = await connect(process="worker", interceptors=[ActivityLogs(), *traces])
        await require_namespace(client)
        await ensure_search_attributes(client, REGISTRY)
        opening = Ledger.open(settings.ledger, on_error=note_ledger_error, **settings.ledger_options)
        ended = OrderLists(client).reasons_after_end
        async with await opening as ledger, serving_metrics(settings, ledger, ended, sdk):
            await serve(
                client,
                ledger,
                accounts,
                timedelta(seconds=settings.shutdown_grace),
                stop,
                chains,
                runner=workflow_runner(sandboxed=settings.workflow_sandbox),
                workflow_cache=settings.workflow_cache,
                deployment=deployment_of(settings),
                share=Share.of(settings, accounts.keys()),
                kept=timedelta(days=settings.ledger_days) if settings.ledger_days else None,
                endpoints=EndpointBook(settings.endpoints_file, ledger, networks_of(settings.notify_networks)),
                reconcile_at=settings.reconcile_at,
                pages=order_pages(settings),
            )
    except (SettingsError, ChainConfigError, LedgerReadOnly, LedgerUrlError) as error:
        log.error(f"the worker cannot start: {error}")
        return EXIT_USAGE
    except (TemporalUnavailable, LedgerError, CannotListen) as error:
        log.error(f"the worker cannot start: {error}")
        return EXIT_UNREACHABLE
    return EXIT_DONE


def main() -> int:
    """Configure and run the worker as a process of its own; return its exit code."""
    ReadyFile.remove_old()
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    configure_logs("worker", style=settings.log_format, level=settings.log_level)
    sdk = SdkMetrics() if settings.worker_metrics_port is not None else None
    forward_native_logs(sdk.config if sdk else None)
    with tracing("worker") as traces:
        return run_main(run_worker(settings, sdk, traces), uvloop=True)


if __name__ == "__main__":
    sys.exit(leave(main()))
