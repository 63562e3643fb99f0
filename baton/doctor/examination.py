"""The whole examination, in the order in which a person would look: from the settings to the world outside."""

from collections.abc import AsyncIterator, Mapping

from temporalio.service import RPCError

from baton.chains.catalogue import watched_chains
from baton.chains.errors import ChainConfigError
from baton.chains.spec import ChainSpec
from baton.doctor.chains import check_chains
from baton.doctor.gateway import check_gateway
from baton.doctor.ledger import check_contents, check_ledger, open_existing
from baton.doctor.orchestra import check_account
from baton.doctor.secrets import check_secrets
from baton.doctor.served import check_served
from baton.doctor.temporal_server import check_server
from baton.health.findings import CheckFinding, ok, problem, skipped
from baton.health.holds import read_holds
from baton.health.workers import check_queues, read_queues
from baton.settings import PartnerAccount, Settings, SettingsError, load_accounts
from baton.temporal import TemporalUnavailable, connect


async def examine(settings: Settings, gateway_url: str) -> AsyncIterator[CheckFinding]:
    """Yield what is found, check after check; nothing is changed.

    Args:
        settings: The settings that the installation's processes have.
        gateway_url: Where this machine reaches the gateway.
    """
    accounts, chains = _accounts(settings), _chains(settings)
    yield (
        accounts if isinstance(accounts, CheckFinding) else ok("settings.accounts", f"accounts: {', '.join(accounts)}")
    )
    yield chains if isinstance(chains, CheckFinding) else _watched(chains)
    for finding in check_secrets(settings):
        yield finding
    known_accounts = {} if isinstance(accounts, CheckFinding) else accounts
    known_chains = {} if isinstance(chains, CheckFinding) else chains
    async for finding in _temporal(known_accounts, watches=bool(known_chains)):
        yield finding
    async for finding in _ledger(settings, known_chains):
        yield finding
    for finding in await check_gateway(gateway_url):
        yield finding
    for account in known_accounts.values():
        async for finding in check_account(account):
            yield finding
    async for finding in check_chains(known_chains):
        yield finding


def _accounts(settings: Settings) -> Mapping[str, PartnerAccount] | CheckFinding:
    try:
        return load_accounts(settings)
    except SettingsError as error:
        effect, remedy = "neither worker nor gateway starts; running ones keep the accounts they had", "correct it"
        return problem("settings.accounts", str(error), effect, remedy)


def _chains(settings: Settings) -> Mapping[str, ChainSpec] | CheckFinding:
    try:
        return watched_chains(settings.chains_file, settings.watch)
    except ChainConfigError as error:
        effect, remedy = "the worker does not start", "correct BATON_CHAINS_FILE or BATON_WATCH"
        return problem("settings.chains", str(error), effect, remedy)


def _watched(chains: Mapping[str, ChainSpec]) -> CheckFinding:
    return ok("settings.chains", f"watched chains: {', '.join(chains) or 'none; deposits are reported by others'}")


async def _temporal(accounts: Mapping[str, PartnerAccount], *, watches: bool) -> AsyncIterator[CheckFinding]:
    try:
        client = await connect()
    except TemporalUnavailable as error:
        effect = "orders stand still until it is back; nothing is lost"
        yield problem("temporal.reachable", error.message, effect, error.remedy)
        yield skipped("workers", "the workers are seen through Temporal")
        return
    yield ok("temporal.reachable", f"Temporal answers at {client.service_client.config.target_host}")
    async for finding in check_server(client):
        yield finding
    try:
        queues = await read_queues(client, accounts, watches=watches)
    except RPCError as error:
        yield skipped("workers", f"the task queues cannot be described: {error.message}")
        return
    for finding in check_queues(queues):
        yield finding
    for finding in (await read_holds(client)).findings:
        yield finding


async def _ledger(settings: Settings, chains: Mapping[str, ChainSpec]) -> AsyncIterator[CheckFinding]:
    try:
        url = settings.ledger
    except SettingsError:
        yield skipped("ledger.reachable", "the ledger's password cannot be used")
        return
    found, findings = await check_ledger(url)
    for finding in findings:
        yield finding
    async with open_existing(url, found) as ledger:
        async for finding in check_contents(ledger, chains):
            yield finding
        async for finding in check_served(settings, ledger, chains):
            yield finding
