"""Activities of addresses and links: create and disable them at Orchestra, and write them into the ledger."""

from collections.abc import Container

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.support.account_clients import AccountClients
from activities.support.failures import refused, retryable
from activities.support.source_types import SOURCE_TYPES
from baton.accounts.route_book import RouteBook
from baton.ledger.errors import LedgerRefused
from baton.ledger.ledger import Ledger
from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import NotFound, Unauthorized
from baton.orders.chain_watch import start_watches
from baton.orders.messages import Refusal
from baton.process.logs import get_logger
from baton.sources.answers import SourceSnapshot
from baton.sources.at_orchestra import SourceAtOrchestra
from baton.sources.messages import CreateSourceCall, DisableSourceCall, SourceRecorded
from baton.sources.names import CREATE_SOURCE, DISABLE_SOURCE, RECORD_SOURCE
from baton.sources.record import source_address_rows, source_row
from baton.sources.rules.routes import quote_request_of
from baton.sources.schedule import ensure_source_schedule

_log = get_logger(__name__)


class SourceActivities:
    """The calls of addresses and links, each under an idempotency key, for every account of this worker.

    Args:
        clients: The accounts, with their clients.
        routes: The routes of the API.
    """

    def __init__(self, clients: AccountClients, routes: RouteBook) -> None:
        self._clients = clients
        self._routes = routes

    @activity.defn(name=CREATE_SOURCE)
    async def create_source(self, call: CreateSourceCall) -> SourceAtOrchestra:
        """Create an address or a link, or enable one again.

        A network retry returns the same one, because the key stays the same.
        After an attempt without an answer it may exist. Then a refused access proves nothing, and is tried again.
        """
        async with self._clients.for_activity(call.account) as client:
            kind = SOURCE_TYPES[call.type]
            if call.first and not call.enables:
                await self._check_route(call, client)
            try:
                return await (kind.enable if call.enables and kind.enable else kind.create)(client, call)
            except Unauthorized as error:
                if call.first:
                    raise
                raise retryable(error) from error

    @activity.defn(name=DISABLE_SOURCE)
    async def disable_source(self, call: DisableSourceCall) -> bool:
        """Disable an address or a link; return whether Orchestra knew it."""
        async with self._clients.for_activity(call.account) as client:
            try:
                await SOURCE_TYPES[call.type].disable(client, call)
            except NotFound:
                return False
        return True

    async def _check_route(self, call: CreateSourceCall, client: OrchestraClient) -> None:
        request = quote_request_of(call.request)
        if request is None:
            return
        objection = await self._routes.objection(call.account, client, request, amount_known=request.amount > 0)
        if objection is not None:
            raise refused(Refusal(code=objection.code, message=objection.message))


class SourceRecordActivities:
    """The activity that writes addresses and links into the ledger.

    Args:
        client: A Temporal client.
        ledger: The ledger that is written.
        clients: The accounts, whose settings say how often their sources are read.
        chains: Names of the chains that are watched.
    """

    def __init__(
        self, client: Client, ledger: Ledger, clients: AccountClients, chains: Container[str] = frozenset()
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._clients = clients
        self._chains = chains
        self._scheduled: set[str] = set()

    @activity.defn(name=RECORD_SOURCE)
    async def record_source(self, snapshot: SourceSnapshot) -> SourceRecorded:
        """Write its row and its deposit addresses; have its chains watched, and its account's sources read by plan."""
        addresses = source_address_rows(snapshot)
        try:
            await self._ledger.sources.write(source_row(snapshot), addresses)
        except LedgerRefused as error:
            raise ApplicationError(str(error), type="ledger_refused", non_retryable=True) from error
        if snapshot.enabled:
            await start_watches(self._client, [chain for chain in snapshot.addresses if chain in self._chains])
        if snapshot.enabled and snapshot.account not in self._scheduled:
            await self._schedule(snapshot.account)
        return SourceRecorded(held=await self._ledger.sources.holders(addresses) if snapshot.enabled else {})

    async def _schedule(self, account_name: str) -> None:
        """Make sure that the account's planned read exists; without it the source works all the same."""
        try:
            account = self._clients.account(account_name)
            await ensure_source_schedule(self._client, account_name, account.read_sources_hours, account.read_pause)
        except (ApplicationError, RPCError) as error:
            _log.warning("no planned read of addresses and links yet", account=account_name, reason=str(error))
        else:
            self._scheduled.add(account_name)
