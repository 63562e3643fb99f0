"""Which task queues a worker process serves, so that each kind and each account scales alone.

Together the processes must serve every queue: what nobody serves waits, and `baton doctor` names it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from baton.notifications.endpoint import notify_queue
from baton.orders.names import WATCH_QUEUE, WORKFLOW_QUEUE, partner_queue, poll_queue
from baton.process.worker_set import WorkerPlan
from baton.settings import Settings, SettingsError


class Part(StrEnum):
    """A kind of task queue."""

    WORKFLOWS = "workflows"
    """The workflows; with them go the ledger's upkeep and the Schedules."""
    PARTNER = "partner"
    """Calls to Orchestra, one queue for each account."""
    POLLS = "polls"
    """Reads at Orchestra, one queue for each account."""
    WATCH = "watch"
    """The watches of chains."""
    NOTIFY = "notify"
    """Notifications, one queue for each endpoint."""


_PREFIXES = (
    (partner_queue(""), Part.PARTNER),
    (poll_queue(""), Part.POLLS),
    (notify_queue(""), Part.NOTIFY),
)


@dataclass(frozen=True)
class Share:
    """What one worker process serves.

    Attributes:
        parts: The kinds of queues.
        accounts: The accounts whose calls and reads it makes; None for all.
    """

    parts: frozenset[Part] = frozenset(Part)
    accounts: frozenset[str] | None = None

    @classmethod
    def of(cls, settings: Settings, known: Collection[str]) -> "Share":
        """Return what the settings say.

        Args:
            settings: The settings.
            known: The names of all accounts.

        Raises:
            SettingsError: `BATON_ACCOUNTS` names an account that there is not.
        """
        if unknown := sorted(set(settings.accounts or ()) - set(known)):
            raise SettingsError(
                f"BATON_ACCOUNTS: there is no account {unknown[0]!r}; the settings have {', '.join(sorted(known))}"
            )
        accounts = frozenset(settings.accounts) if settings.accounts else None
        return cls(frozenset(map(Part, settings.only or Part)), accounts)

    def serves_account(self, name: str) -> bool:
        """Whether this process makes the account's calls."""
        return self.accounts is None or name in self.accounts

    def of_plans(self, plans: Mapping[str, WorkerPlan]) -> dict[str, WorkerPlan]:
        """Return the plans for those queues that are this process's own."""
        return {queue: plan for queue, plan in plans.items() if self._has(queue)}

    def _has(self, queue: str) -> bool:
        part, name = split_queue(queue)
        of_account = part in (Part.PARTNER, Part.POLLS)
        return part in self.parts and (not of_account or self.serves_account(name))

    @property
    def words(self) -> dict[str, list[str]]:
        """What a log line says of a share that is not everything."""
        parts = {} if self.parts == frozenset(Part) else {"only": _sorted(self.parts)}
        return parts if self.accounts is None else {**parts, "only_accounts": _sorted(self.accounts)}


def split_queue(queue: str) -> tuple[Part, str]:
    """Return of which kind a task queue is, and the account or endpoint that it is for, if it is for one."""
    if queue == WORKFLOW_QUEUE:
        return Part.WORKFLOWS, ""
    if queue == WATCH_QUEUE:
        return Part.WATCH, ""
    return next((part, queue.removeprefix(prefix)) for prefix, part in _PREFIXES if queue.startswith(prefix))


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(map(str, names))
