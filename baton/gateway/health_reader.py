"""Reads the health of the installation for the API and the operator page, and keeps it for some seconds."""

from collections.abc import Mapping, Sequence

from temporalio.client import Client

from baton.chains.spec import ChainSpec
from baton.gateway.short_memory import ShortMemory
from baton.health.report import HealthReport, read_health
from baton.ledger.ledger import Ledger
from baton.orders.names import partner_queue, poll_queue
from baton.settings import PartnerAccount

KEPT_SECONDS = 5.0
"""A page that refreshes itself in several windows must not ask Temporal for each of them."""


class HealthReader:
    """Reads the health of the installation.

    Args:
        client: A Temporal client.
        ledger: An open ledger.
        accounts: The partner accounts by name; an `AccountBook` if they may change.
        chains: What is known of chains, by name.
    """

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        accounts: Mapping[str, PartnerAccount],
        chains: Mapping[str, ChainSpec],
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._accounts = accounts
        self._chains = chains
        self._kept: ShortMemory[str, HealthReport] = ShortMemory()

    async def read(self, accounts: Sequence[str] | None) -> HealthReport:
        """Return the health as far as it concerns these accounts; None for all."""
        report = await self._kept.get("all", KEPT_SECONDS, self._read)
        return report if accounts is None else _of_accounts(report, accounts)

    async def _read(self) -> HealthReport:
        return await read_health(self._client, self._ledger, dict(self._accounts), self._chains)


def _of_accounts(report: HealthReport, accounts: Sequence[str]) -> HealthReport:
    """Return a report without the other accounts, their queues and their holds."""
    others = {account.account for account in report.accounts} - set(accounts)
    hidden = {queue for name in others for queue in (partner_queue(name), poll_queue(name))}
    held = {hold.id for hold in report.holds if hold.account not in (None, *accounts)}
    kept = report.model_copy(
        update={
            "accounts": [account for account in report.accounts if account.account not in others],
            "holds": [hold for hold in report.holds if hold.id not in held],
            "findings": [finding for finding in report.findings if finding.subject not in held],
            "queues": [queue for queue in report.queues if queue.queue not in hidden],
        }
    )
    return kept.with_level()
