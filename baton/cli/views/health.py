"""Tables of the health of accounts, chains and task queues. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import RenderableType

from baton.cli.views.layout import table
from baton.cli.views.values import NOTHING, clean

if TYPE_CHECKING:
    from baton.health.accounts import AccountHealth, ReadBudget, WebhookFlow
    from baton.health.chains import ChainHealth
    from baton.health.report import QueueHealth


def accounts_table(accounts: "Iterable[AccountHealth]") -> RenderableType:
    """Return a table of accounts: open orders, reads out of the budget, and webhooks."""
    rows = table("account", "open", "reads/min", "waiting", "last webhook", "in 24 h", "refused")
    for account in accounts:
        rows.add_row(
            clean(account.account), str(account.open_orders), *_reads(account.reads), *_webhooks(account.webhooks)
        )
    return rows


def _reads(reads: "ReadBudget | None") -> tuple[str, str]:
    if reads is None:
        return NOTHING, NOTHING
    return f"{reads.used_per_minute:g} of {reads.per_minute:g}", str(reads.waiting)


def _webhooks(flow: "WebhookFlow") -> tuple[str, str, str]:
    last = f"{flow.last_at:%Y-%m-%d %H:%M:%S}" if flow.last_at else NOTHING
    return last if flow.expected else "not expected", str(flow.accepted), str(sum(flow.refused.values()))


def chains_table(chains: "Iterable[ChainHealth]", now: datetime) -> RenderableType:
    """Return a table of chains: addresses, how far the watch is, and the providers."""
    rows = table("chain", "addresses", "scanned", "behind", "block", "providers")
    for chain in chains:
        scanned = f"{max((now - chain.scanned_at).total_seconds(), 0):.0f} s ago" if chain.scanned_at else NOTHING
        names = ", ".join(f"{one.name} (rests)" if one.error else one.name for one in chain.providers)
        head = NOTHING if chain.head is None else str(chain.head)
        rows.add_row(clean(chain.chain), str(chain.addresses), scanned, _behind(chain), head, clean(names) or NOTHING)
    return rows


def _behind(chain: "ChainHealth") -> str:
    if chain.lag_seconds is None:
        return NOTHING
    blocks = f", {chain.behind_blocks} blocks" if chain.behind_blocks else ""
    return f"{chain.lag_seconds:.0f} s{blocks}"


def queues_table(queues: "Iterable[QueueHealth]") -> RenderableType:
    """Return a table of task queues: workers, versions and what waits."""
    rows = table("task queue", "workers", "versions", "waiting", "oldest")
    for queue in queues:
        oldest = f"{queue.oldest_wait_seconds:.0f} s" if queue.waiting else NOTHING
        versions = ", ".join(queue.versions) or NOTHING
        rows.add_row(clean(queue.queue), str(queue.workers), clean(versions), str(queue.waiting), oldest)
    return rows
