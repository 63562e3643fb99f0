"""The health of a partner account: its read budget, and whether its webhooks come. Pure.

Webhooks are missed only where something happened that one should have announced: an account without orders gets none,
and that is no fault.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from pydantic import BaseModel

from baton.health.findings import CheckFinding, ok, warning
from baton.health.task_queues import QueueReading
from baton.ledger.figure_rows import AccountActivity
from baton.ledger.webhook_counts import WebhookSum
from baton.settings import PartnerAccount

ACCEPTED = frozenset({"handed_over", "adopted", "late", "unclaimed"})
"""Results of webhooks that Baton accepted."""

TEST = "test"
"""The result of a test delivery of Baton's own."""

DELIVERY_TIME = timedelta(minutes=2)
"""How long a webhook may take from the change that it announces."""

RECENT = timedelta(hours=1)
"""How long a refused webhook is a reason to look, if none was accepted since."""

_REFUSALS = {
    "mismatch": "they are signed with another secret than the gateway has",
    "no_secret": "the gateway has no secret for the account",
    "missing_header": "they carry no signature, as those of strangers do",
    "bad_timestamp": "their timestamp cannot be read",
    "stale": "their timestamp is too old: a clock is wrong, or somebody sends old ones again",
    "from_the_future": "their timestamp is in the future: a clock is wrong",
    "unknown_account": "the address names an account that the gateway does not have",
    "not_an_event": "they are signed, and are no events",
    "ledger_unavailable": "the ledger could not be reached; Orchestra repeats them for 33 hours",
    "ledger_incomplete": "the ledger does not have all orders yet; Orchestra repeats them for 33 hours",
    "not_handed_over": "Temporal could not be reached; Orchestra repeats them for 33 hours",
}


class ReadBudget(BaseModel):
    """What an account's reads are: how many it may make in a minute, how many it makes, and how many wait."""

    per_minute: float
    used_per_minute: float
    """On the average of the last half minute, by all workers together."""
    waiting: int
    oldest_wait_seconds: float


class WebhookFlow(BaseModel):
    """How webhooks of an account arrive; the counts are those of the last 24 hours."""

    expected: bool
    """Whether the account is tracked by webhooks."""
    last_at: datetime | None = None
    """When one was last accepted, within the last month."""
    accepted: int = 0
    refused: dict[str, int] = {}
    """By cause: the code of the error that the sender got."""
    last_refused_at: datetime | None = None


class AccountHealth(BaseModel):
    """One partner account."""

    account: str
    tracking: str
    """`webhooks`, `polls` or `sse`."""
    open_orders: int = 0
    changed_at: datetime | None = None
    """When Orchestra last changed one of its orders in a way that a webhook announces."""
    reads: ReadBudget | None = None
    """None if Temporal could not be asked."""
    webhooks: WebhookFlow
    findings: list[CheckFinding] = []


def read_budget(account: PartnerAccount, reading: QueueReading) -> ReadBudget:
    """Return the account's reads, from their task queue, whose rate Temporal limits to the budget."""
    return ReadBudget(
        per_minute=account.reads_per_second * 60,
        used_per_minute=round(reading.per_second * 60, 1),
        waiting=reading.waiting,
        oldest_wait_seconds=round(reading.oldest.total_seconds(), 1),
    )


def webhook_flow(lately: Iterable[WebhookSum], ever: Iterable[WebhookSum], *, expected: bool) -> WebhookFlow:
    """Return how an account's webhooks arrive.

    Args:
        lately: Its counts of the last 24 hours.
        ever: Its counts of the last month.
        expected: Whether the account is tracked by webhooks.
    """
    lately = list(lately)
    refused = [one for one in lately if one.result not in ACCEPTED and one.result != TEST]
    return WebhookFlow(
        expected=expected,
        last_at=max((one.last_at for one in ever if one.result in ACCEPTED), default=None),
        accepted=sum(one.number for one in lately if one.result in ACCEPTED),
        refused={one.result: one.number for one in refused},
        last_refused_at=max((one.last_at for one in refused), default=None),
    )


def judge_webhooks(
    account: str, flow: WebhookFlow, activity: AccountActivity | None, now: datetime
) -> Iterator[CheckFinding]:
    """Yield what the webhooks of an account mean: whether they are missing, and whether some are refused."""
    yield _silence(account, flow, activity.changed_at if activity else None, now)
    if flow.refused:
        yield refusals(account, flow, now)


def _silence(account: str, flow: WebhookFlow, changed_at: datetime | None, now: datetime) -> CheckFinding:
    check = "webhook.silence"
    if not flow.expected:
        return ok(check, "the account is tracked without webhooks", account)
    heard = f"the last webhook came at {_at(flow.last_at)}" if flow.last_at else "no webhook has come in a month"
    missed = changed_at is not None and (flow.last_at is None or changed_at > flow.last_at + DELIVERY_TIME)
    if changed_at is None or not missed or now - changed_at < DELIVERY_TIME:
        return ok(check, heard if flow.last_at or changed_at else "no webhook was due yet", account)
    return warning(
        check,
        f"{heard}, and Orchestra changed an order at {_at(changed_at)}",
        "orders are tracked by reads alone: later, and out of the read budget",
        f"`baton doctor` says whether Orchestra sends them; `baton webhook test --account {account}` tries one",
        account,
    )


def refusals(account: str, flow: WebhookFlow, now: datetime) -> CheckFinding:
    """Judge the refused webhooks of an account, or of no account that the gateway has."""
    check, subject = "webhook.refused", account or None
    causes = (f"{number} {cause} ({_REFUSALS.get(cause, cause)})" for cause, number in flow.refused.items())
    message = f"webhooks refused in 24 hours: {'; '.join(causes)}"
    last = flow.last_refused_at
    if last is None or now - last > RECENT or (flow.last_at is not None and flow.last_at > last):
        return ok(check, f"{message}; since {_at(last)} none" if last else message, subject)
    of = f" --account {account}" if account else ""
    return warning(
        check,
        message,
        "if they are Orchestra's, orders are tracked by reads alone until they are accepted",
        f"compare the gateway's secret with Orchestra's: `baton webhook test{of}`; those of strangers can be ignored",
        subject,
    )


def _at(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "no time"
