"""The gateway as a process: opens its parts, serves until it is stopped, and closes them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing

from temporalio.client import Interceptor

from baton.accounts.book import AccountBook
from baton.accounts.tokens import TokenBook
from baton.gateway.app import create_app
from baton.gateway.coalescer import Coalescer
from baton.gateway.last_responses import LastResponses
from baton.gateway.parts import GatewayParts
from baton.gateway.signals import SignalSender
from baton.gateway.webhooks import missing_secret
from baton.ledger.errors import LedgerError, LedgerReadOnly, LedgerUrlError
from baton.ledger.ledger import Ledger
from baton.metrics.observers import note_ledger_error
from baton.process.connection_table import ConnectionLimits
from baton.process.http_server import CannotListen, address_of, listen, serving
from baton.process.lifecycle import EXIT_DONE, EXIT_UNREACHABLE, EXIT_USAGE, ReadyFile, stop_requested
from baton.process.logs import configure_logs, get_logger
from baton.process.native_logs import forward_native_logs
from baton.process.open_files import connections_within, raise_file_limit
from baton.process.tracing import tracing
from baton.process.trusted_proxies import TrustedProxies
from baton.settings import Settings, SettingsError
from baton.temporal import TemporalUnavailable, connect

_REMEDY = "set BATON_GATEWAY_PORT or BATON_BIND"
_log = get_logger(__name__)


async def main(settings: Settings) -> int:
    """Run the gateway until SIGTERM or SIGINT; return the exit code."""
    configure_logs("gateway", style=settings.log_format, level=settings.log_level)
    forward_native_logs()
    ReadyFile.remove_old()
    return await run(settings, stop_requested())


async def run(settings: Settings, stop: asyncio.Event) -> int:
    """Run the gateway until `stop` is set; return the exit code.

    It starts without Temporal and responds with 503 until Temporal is there. Without its port or its ledger it does not
    start, and the last line of the log says why.
    """
    try:
        with tracing("gateway") as interceptors:
            await _serve(settings, stop, interceptors)
    except (SettingsError, LedgerReadOnly, LedgerUrlError) as error:
        _log.error(str(error))
        return EXIT_USAGE
    except (CannotListen, LedgerError, TemporalUnavailable) as error:
        _log.error(str(error))
        return EXIT_UNREACHABLE
    return EXIT_DONE


async def _serve(settings: Settings, stop: asyncio.Event, interceptors: Sequence[Interceptor]) -> None:
    with closing(listen(settings.bind, settings.gateway_port, who="the gateway", remedy=_REMEDY)) as listener:
        limits = _limits(settings, raise_file_limit())
        settings = settings.model_copy(update={"gateway_connections": limits.total})
        async with (
            _parts(settings, interceptors) as parts,
            serving(
                LastResponses(create_app(parts), parts.draining),
                listener,
                grace=settings.shutdown_grace,
                limits=limits,
            ),
        ):
            names = {"accounts": sorted(parts.accounts), "endpoints": sorted(await parts.endpoints.refresh())}
            with ReadyFile():
                _log.info("gateway is up", address=address_of(listener), **names)
                await stop.wait()
            await _drain(parts, settings.gateway_drain)
            # A request whose signal still waits must get its response before the server closes the connection.
            parts.coalescer.release()
            parts.stopping.set()
            _log.info("gateway stops")


async def _drain(parts: GatewayParts, seconds: float) -> None:
    """Serve on until the load balancer has had time to turn away."""
    parts.draining.set()
    if seconds:
        _log.info("gateway drains", seconds=seconds)
        await asyncio.sleep(seconds)


def _limits(settings: Settings, file_limit: int) -> ConnectionLimits:
    total = min(settings.gateway_connections, connections_within(file_limit))
    proxies = TrustedProxies(settings.trusted_proxies)
    return ConnectionLimits(total, min(settings.gateway_connections_per_address, total), proxies)


@asynccontextmanager
async def _parts(settings: Settings, interceptors: Sequence[Interceptor]) -> AsyncIterator[GatewayParts]:
    accounts, tokens = AccountBook(settings), TokenBook.of(settings)
    for account in accounts.values():
        if not account.webhook_secrets:
            _log.warning(missing_secret(account))
    client = await connect(lazy=True, process="gateway", interceptors=interceptors)
    opening = Ledger.open(settings.ledger, on_error=note_ledger_error, **settings.ledger_options)
    async with await opening as ledger:
        coalescer = Coalescer(SignalSender(client), window=settings.webhook_coalesce)
        account_watch = asyncio.create_task(accounts.watch())
        try:
            yield GatewayParts(accounts, client, ledger, coalescer, tokens, settings)
        finally:
            account_watch.cancel()
            await asyncio.gather(account_watch, return_exceptions=True)
