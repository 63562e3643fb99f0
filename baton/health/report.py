"""Gathers the health of an installation from Temporal and the ledger."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

from pydantic import BaseModel
from temporalio.client import Client
from temporalio.service import RPCError

from baton.chains.spec import ChainSpec
from baton.health.accounts import AccountHealth, judge_webhooks, read_budget, refusals, webhook_flow
from baton.health.chains import ChainHealth, WatchReading, chain_health, judge_chain, read_watch
from baton.health.findings import CheckFinding, Level, problem, skipped
from baton.health.holds import HoldsReading, read_holds
from baton.health.task_queues import QueueReading
from baton.health.workers import (
    QueueReadings,
    read_queues,
    same_version,
    served_account,
    served_watches,
    served_workflows,
    waiting_reads,
)
from baton.holds.models import Hold
from baton.ledger.errors import LedgerError
from baton.ledger.figure_rows import AccountActivity
from baton.ledger.ledger import Ledger
from baton.ledger.webhook_counts import KEPT, WebhookSum
from baton.orchestra.lifecycle import SILENT
from baton.settings import PartnerAccount
from baton.version import __version__

LATELY = timedelta(hours=24)
"""The period of the counts of webhooks."""

_ORDER = (Level.PROBLEM, Level.WARNING, Level.SKIPPED, Level.OK)


class QueueHealth(BaseModel):
    """One task queue of Temporal."""

    queue: str
    workers: int
    """How many processes asked for its tasks lately."""
    versions: list[str]
    waiting: int
    oldest_wait_seconds: float
    per_second: float


class HealthReport(BaseModel):
    """The health of an installation at one moment.

    Attributes:
        at: When it was read.
        level: The worst level of all findings.
        version: The version of the process that made the report.
        worker_versions: The versions of the workers.
        findings: What concerns no single account or chain.
        holds: What operators hold; its findings are among `findings`, with its id as the subject.
        accounts: The partner accounts.
        chains: The chains that are watched.
        queues: The task queues.
    """

    at: datetime
    level: Level = Level.OK
    version: str
    worker_versions: list[str]
    findings: list[CheckFinding]
    holds: list[Hold] = []
    accounts: list[AccountHealth]
    chains: list[ChainHealth]
    queues: list[QueueHealth]

    @property
    def every_finding(self) -> list[CheckFinding]:
        """All findings, the worst first."""
        parts: list[AccountHealth | ChainHealth] = [*self.accounts, *self.chains]
        found = [*self.findings, *(finding for part in parts for finding in part.findings)]
        return sorted(found, key=lambda finding: _ORDER.index(finding.level))

    def with_level(self) -> Self:
        """Return the report with the worst level of its findings; what could not be examined does not count."""
        levels = {finding.level for finding in self.every_finding}
        worst = next((level for level in (Level.PROBLEM, Level.WARNING) if level in levels), Level.OK)
        return self.model_copy(update={"level": worst})


class _LedgerFacts(NamedTuple):
    """What the ledger knows, and why it could not be asked."""

    activity: Mapping[str, AccountActivity]
    lately: Sequence[WebhookSum]
    ever: Sequence[WebhookSum]
    addresses: Mapping[str, int]
    failure: CheckFinding | None = None


class _TemporalFacts(NamedTuple):
    """What Temporal knows, and why it could not be asked."""

    queues: QueueReadings | None
    watches: Mapping[str, WatchReading]
    holds: HoldsReading = HoldsReading([], [])
    failure: CheckFinding | None = None


async def read_health(
    client: Client,
    ledger: Ledger | None,
    accounts: Mapping[str, PartnerAccount],
    chains: Mapping[str, ChainSpec],
) -> HealthReport:
    """Return the health of an installation; what cannot be asked is a finding.

    Args:
        client: A Temporal client.
        ledger: An open ledger; None if there is none yet.
        accounts: The partner accounts to report.
        chains: What is known of chains. Those that were ever watched are reported, whether known or not.
    """
    now = datetime.now(UTC)
    by_ledger = await _ask_ledger(ledger, now)
    by_temporal = await _ask_temporal(client, accounts, by_ledger.addresses)
    account_parts = [_account(account, by_ledger, by_temporal.queues, now) for account in accounts.values()]
    chain_parts = [_chain(name, by_ledger, by_temporal, chains.get(name), now) for name in by_ledger.addresses]
    own = list(_own_findings(by_ledger, by_temporal, now))
    report = HealthReport(
        at=now,
        version=__version__,
        worker_versions=sorted(by_temporal.queues.versions) if by_temporal.queues else [],
        findings=own,
        holds=by_temporal.holds.holds,
        accounts=account_parts,
        chains=chain_parts,
        queues=[_queue(reading) for reading in by_temporal.queues.every] if by_temporal.queues else [],
    )
    return report.with_level()


async def _ask_ledger(ledger: Ledger | None, now: datetime) -> _LedgerFacts:
    if ledger is None:
        return _LedgerFacts({}, [], [], {}, skipped("ledger.reachable", "there is no ledger yet; a worker makes it"))
    try:
        return _LedgerFacts(
            await ledger.figures.activity(now - LATELY, sorted(SILENT)),
            await ledger.webhook_counts.since(now - LATELY),
            await ledger.webhook_counts.since(now - KEPT),
            await ledger.watching.addresses(),
        )
    except LedgerError as error:
        effect = "webhooks are answered with 503, which Orchestra repeats for 33 hours; orders go on by reads"
        failure = problem("ledger.reachable", str(error), effect, "look after the database of BATON_LEDGER_URL")
        return _LedgerFacts({}, [], [], {}, failure)


async def _ask_temporal(client: Client, accounts: Iterable[str], chains: Iterable[str]) -> _TemporalFacts:
    names = list(chains)
    try:
        queues, watches, holds = await asyncio.gather(
            read_queues(client, list(accounts), watches=bool(names)),
            asyncio.gather(*(read_watch(client, name) for name in names)),
            read_holds(client),
        )
    except RPCError as error:
        effect = "orders stand still until it is back; nothing is lost"
        remedy = "start the server, or correct TEMPORAL_ADDRESS"
        failure = problem("temporal.reachable", f"Temporal does not answer: {error.message}", effect, remedy)
        return _TemporalFacts(None, {}, failure=failure)
    return _TemporalFacts(queues, dict(zip(names, watches, strict=True)), holds)


def _own_findings(by_ledger: _LedgerFacts, by_temporal: _TemporalFacts, now: datetime) -> Iterator[CheckFinding]:
    yield from (facts.failure for facts in (by_temporal, by_ledger) if facts.failure)
    queues = by_temporal.queues
    if queues is not None:
        yield served_workflows(queues.workflows)
        yield same_version(queues.versions)
        if queues.watches is not None and any(by_ledger.addresses.values()):
            yield served_watches(queues.watches)
    yield from by_temporal.holds.findings
    nobody = webhook_flow([one for one in by_ledger.lately if not one.account], [], expected=False)
    if nobody.refused:
        yield refusals("", nobody, now)


def _account(
    account: PartnerAccount, facts: _LedgerFacts, queues: QueueReadings | None, now: datetime
) -> AccountHealth:
    name, activity = account.name, facts.activity.get(account.name)
    lately, ever = ([one for one in counts if one.account == name] for counts in (facts.lately, facts.ever))
    flow = webhook_flow(lately, ever, expected=not account.webhooks_unreachable)
    findings = [] if facts.failure else list(judge_webhooks(name, flow, activity, now))
    if queues is not None:
        reads = queues.reads[name]
        findings = [served_account(name, queues.calls[name], reads), waiting_reads(name, reads), *findings]
    return AccountHealth(
        account=name,
        tracking=account.tracking,
        open_orders=activity.open if activity else 0,
        changed_at=activity.changed_at if activity else None,
        reads=read_budget(account, queues.reads[name]) if queues else None,
        webhooks=flow,
        findings=findings,
    )


def _chain(
    name: str, by_ledger: _LedgerFacts, by_temporal: _TemporalFacts, spec: ChainSpec | None, now: datetime
) -> ChainHealth:
    reading = by_temporal.watches.get(name)
    if reading is None:
        return ChainHealth(chain=name, addresses=by_ledger.addresses[name])
    health = chain_health(name, by_ledger.addresses[name], reading, now)
    return health.model_copy(update={"findings": list(judge_chain(health, spec, now))})


def _queue(reading: QueueReading) -> QueueHealth:
    return QueueHealth(
        queue=reading.queue,
        workers=len(reading.workers),
        versions=sorted(reading.versions),
        waiting=reading.waiting,
        oldest_wait_seconds=round(reading.oldest.total_seconds(), 1),
        per_second=round(reading.per_second, 2),
    )
