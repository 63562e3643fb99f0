"""The health of a watched chain: how far its watch is, and how its providers are doing.

The watch reports with its activity's heartbeats, so that it costs no write of its own; Temporal shows the last one.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import BaseModel, ValidationError
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from baton.chains.provider_state import ProviderState
from baton.chains.spec import ChainSpec
from baton.health.findings import CheckFinding, ok, problem, warning
from baton.orders.names import deposit_watch_id
from baton.orders.watch_messages import Watched

LONG_BEHIND = timedelta(minutes=5)
"""How long a watch may be without reaching the newest block."""

LONG_FAILING = timedelta(minutes=2)
"""How long providers may fail before it is more than a hiccup."""

_STILL_BLOCKS = 12
_STILL = timedelta(minutes=10)
"""A chain stands still, or its provider does, after so many usual block times, and at least so long."""

_BLIND = "deposits there are noticed only when the business or Orchestra reports them"


class WatchReading(NamedTuple):
    """The watch of a chain: whether its workflow runs, whether a worker has its activity, and what it last reported."""

    runs: bool
    served: bool
    watched: Watched


class ChainHealth(BaseModel):
    """One watched chain."""

    chain: str
    addresses: int = 0
    """Deposit addresses that are watched."""
    runs: bool = False
    """Whether the watch's workflow runs: it ends when there was nothing to watch for half an hour."""
    served: bool = False
    """Whether a worker is watching now."""
    scanned_at: datetime | None = None
    caught_up_at: datetime | None = None
    lag_seconds: float | None = None
    """Seconds since the watch last reached the newest block."""
    head: int | None = None
    """The newest block scanned."""
    head_at: datetime | None = None
    behind_blocks: int | None = None
    """Blocks between the last scan and the newest one, where the chain's reader knows."""
    failing_since: datetime | None = None
    trouble: str | None = None
    unreadable: list[str] = []
    providers: list[ProviderState] = []
    findings: list[CheckFinding] = []


async def read_watch(client: Client, chain: str) -> WatchReading:
    """Read the watch of a chain.

    Raises:
        RPCError: Temporal did not answer.
    """
    try:
        described = await client.get_workflow_handle(deposit_watch_id(chain)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return WatchReading(False, False, Watched())
        raise
    pending = described.raw_description.pending_activities
    started = any(one.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED for one in pending)
    return WatchReading(described.status is WorkflowExecutionStatus.RUNNING, started, await _reported(described))


async def _reported(described: WorkflowExecutionDescription) -> Watched:
    """Return what the running activity last reported; nothing if it did not yet, or in a form that is not known."""
    for pending in described.raw_description.pending_activities:
        if pending.heartbeat_details.payloads:
            payloads = pending.heartbeat_details.payloads
            try:
                (watched,) = await described.data_converter.decode(payloads, [Watched])
            except (ValidationError, ValueError):
                continue
            if isinstance(watched, Watched):
                return watched
    return Watched()


def chain_health(chain: str, addresses: int, reading: WatchReading, now: datetime) -> ChainHealth:
    """Return the facts about a chain, without findings."""
    watched = reading.watched
    lag = (now - watched.caught_up_at).total_seconds() if watched.caught_up_at else None
    shared = watched.model_dump(include=set(ChainHealth.model_fields) - {"addresses", "providers"})
    return ChainHealth(
        **shared,
        chain=chain,
        addresses=addresses,
        runs=reading.runs,
        served=reading.served,
        lag_seconds=None if lag is None else round(max(lag, 0.0), 1),
        behind_blocks=watched.behind,
        providers=watched.providers,
    )


def judge_chain(health: ChainHealth, spec: ChainSpec | None, now: datetime) -> Iterator[CheckFinding]:
    """Yield what the facts mean, the watch first, then the providers."""
    if not health.addresses:
        yield ok("chain.watch", "no address waits for a deposit there", health.chain)
        return
    yield _watch(health, now)
    yield _providers(health, now)
    if spec is not None and (still := _standing_still(health, spec, now)):
        yield still


def _watch(health: ChainHealth, now: datetime) -> CheckFinding:
    check, chain = "chain.watch", health.chain
    waiting = f"{health.addresses} {'address waits' if health.addresses == 1 else 'addresses wait'} for a deposit"
    if not health.runs:
        remedy = "start `baton worker` with the chain in BATON_WATCH or BATON_CHAINS_FILE, which starts its watch again"
        return problem(check, f"{waiting}, and no watch runs", _BLIND, remedy, chain)
    if not health.served:
        remedy = "start `baton worker` with the chain in BATON_WATCH or BATON_CHAINS_FILE"
        return problem(check, f"{waiting}, and no worker has the watch", _BLIND, remedy, chain)
    if health.caught_up_at and now - health.caught_up_at > LONG_BEHIND:
        blocks = f", {health.behind_blocks} blocks behind" if health.behind_blocks else ""
        message = f"the watch last reached the newest block at {health.caught_up_at:%Y-%m-%d %H:%M:%S} UTC{blocks}"
        remedy = f"name a faster provider first in [chains.{chain}] of BATON_CHAINS_FILE, or wait while it catches up"
        return warning(check, message, "deposits there are noticed later", remedy, chain)
    return ok(check, f"{waiting}; {_scanned(health, now)}", chain)


def _scanned(health: ChainHealth, now: datetime) -> str:
    if health.scanned_at is None:
        return "the first scan is under way"
    return f"scanned {max(round((now - health.scanned_at).total_seconds()), 0)} s ago"


def _providers(health: ChainHealth, now: datetime) -> CheckFinding:
    check, chain = "chain.provider", health.chain
    remedy = f"correct providers of [chains.{chain}] in BATON_CHAINS_FILE, or wait for the provider"
    if health.failing_since is not None:
        message = f"no provider answers since {health.failing_since:%Y-%m-%d %H:%M:%S} UTC: {health.trouble}"
        if now - health.failing_since > LONG_FAILING:
            return problem(check, message, _BLIND, remedy, chain)
        return warning(check, message, "deposits there are noticed a little later; it is tried again", remedy, chain)
    failed = [provider for provider in health.providers if provider.error]
    if failed:
        message = "; ".join(f"{provider.name} is not asked: {provider.error}" for provider in failed)
        return warning(check, message, "the chain is read through its other providers only", remedy, chain)
    return ok(check, "its providers answer", chain)


def _standing_still(health: ChainHealth, spec: ChainSpec, now: datetime) -> CheckFinding | None:
    limit = max(_STILL, timedelta(seconds=spec.block_seconds * _STILL_BLOCKS))
    if health.head_at is None or health.failing_since or now - health.head_at < limit:
        return None
    return warning(
        "chain.head",
        f"block {health.head} is the newest since {health.head_at:%Y-%m-%d %H:%M:%S} UTC",
        f"the chain or its provider stands still: {_BLIND}",
        f"compare the block with an explorer; if others are further, change providers of [chains.{health.chain}]",
        health.chain,
    )
