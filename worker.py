"""The long-running worker: workflows and activities on all task queues, drained on SIGTERM.

It serves every partner account of the settings. It starts only when Temporal and its namespace are there, and says in
one sentence what is missing otherwise.
"""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta

from pydantic import ValidationError
from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.approvals import ApprovalActivities
from activities.partner import PartnerActivities
from activities.reads import ReadActivities
from activities.recording import RecordingActivities
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from orchestra.client import OrchestraClient
from orchestra.zeroconf import ZeroConfPolicy
from runtime.logs import configure_logs, get_logger
from runtime.processes import EXIT_DONE, EXIT_UNREACHABLE, EXIT_USAGE, ReadyFile, leave, run_main, stop_requested
from runtime.settings import PartnerAccount, Settings, SettingsError, load_accounts, load_settings
from runtime.temporal import TemporalUnavailable, connect, ensure_search_attributes, require_namespace
from workflows.identity import WORKFLOW_QUEUE, partner_queue, poll_queue
from workflows.order import OrderWorkflow
from workflows.refund import RefundWorkflow
from workflows.search_attributes import REGISTRY
from workflows.zeroconf_approval import ZeroConfApprovalWorkflow

PURE = (
    "approvals",
    "deadlines",
    "identity",
    "inbox",
    "intake",
    "listing",
    "messages",
    "models",
    "plans",
    "refunds",
    "search_attributes",
    "snapshot",
    "summaries",
    "validators",
)
"""The pure modules of `workflows`: decisions and models without Temporal's commands."""

PASSED_THROUGH = ("orchestra", "pydantic", "pydantic_core", "annotated_types", *(f"workflows.{name}" for name in PURE))
"""Modules that the workflow sandbox shares instead of loading them anew for each order.

Building their models costs most of an order's CPU time and memory in the worker; being pure, they hold nothing that one
order could leave behind for another. What makes commands stays inside the sandbox.
"""

STICKY_PATIENCE = timedelta(seconds=5)
"""After a worker was killed, its orders' first wake-up waits this long before another worker may take it."""


def workflow_worker(client: Client, ledger: Ledger, grace: timedelta) -> Worker:
    """Return the worker that runs the workflows and their local activities."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return Worker(
        client,
        task_queue=WORKFLOW_QUEUE,
        workflows=[OrderWorkflow, RefundWorkflow, ZeroConfApprovalWorkflow],
        activities=[RecordingActivities(ledger).record_order],
        workflow_runner=SandboxedWorkflowRunner(restrictions=restrictions),
        sticky_queue_schedule_to_start_timeout=STICKY_PATIENCE,
        graceful_shutdown_timeout=grace,
    )


def zeroconf_policy(account: PartnerAccount) -> ZeroConfPolicy:
    """Return the account's policy for ZeroConf offers.

    Raises:
        SettingsError: It does not fit; the text names the field.
    """
    try:
        return ZeroConfPolicy.model_validate(account.zeroconf)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"account {account.name}: zeroconf.{field}: {first['msg']}") from None


def account_workers(
    client: Client, ledger: Ledger, partner: OrchestraClient, account: PartnerAccount, grace: timedelta
) -> list[Worker]:
    """Return the workers of one account: its calls, and its reads under the account's read budget."""
    clients = {account.name: partner}
    changing = PartnerActivities(clients, ledger)
    approving = ApprovalActivities(clients, {account.name: zeroconf_policy(account)}, ledger)
    return [
        Worker(
            client,
            task_queue=partner_queue(account.name),
            activities=[
                changing.request_quote,
                changing.submit_deposit,
                approving.zeroconf_terms,
                approving.answer_zeroconf,
            ],
            graceful_shutdown_timeout=grace,
        ),
        Worker(
            client,
            task_queue=poll_queue(account.name),
            activities=[ReadActivities(clients, ledger).read_order],
            max_task_queue_activities_per_second=account.reads_per_second,
            graceful_shutdown_timeout=grace,
        ),
    ]


async def serve(
    client: Client, ledger: Ledger, accounts: Mapping[str, PartnerAccount], grace: timedelta, stop: asyncio.Event
) -> None:
    """Run all queues until `stop` is set, then let running activities finish within the grace."""
    async with AsyncExitStack() as stack:
        for account in accounts.values():
            partner = OrchestraClient(
                account.base_url, account.api_key.get_secret_value(), timeout=account.request_timeout
            )
            await stack.enter_async_context(partner)
            for worker in account_workers(client, ledger, partner, account, grace):
                await stack.enter_async_context(worker)
        await stack.enter_async_context(workflow_worker(client, ledger, grace))
        get_logger("worker").info("worker runs", accounts=sorted(accounts), namespace=client.namespace)
        with ReadyFile():
            await stop.wait()
        get_logger("worker").info("worker drains", grace_seconds=grace.total_seconds())


async def run_worker(settings: Settings) -> int:
    """Run the worker process; return its exit code."""
    stop = stop_requested()
    log = get_logger("worker")
    try:
        accounts = load_accounts(settings)
        client = await connect()
        await require_namespace(client)
        await ensure_search_attributes(client, REGISTRY)
        async with await Ledger.open(settings.ledger) as ledger:
            await serve(client, ledger, accounts, timedelta(seconds=settings.shutdown_grace), stop)
    except SettingsError as error:
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
