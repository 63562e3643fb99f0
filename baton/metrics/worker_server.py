"""The worker's own small HTTP server, which serves `/metrics` if a setting gives it a port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from baton.ledger.ledger import Ledger
from baton.metrics.access import MetricsAccess
from baton.metrics.ledger_collector import ReadEnded
from baton.metrics.scrape import Scrape, metrics_route
from baton.metrics.sdk_text import SdkMetrics
from baton.process.connection_table import ConnectionLimits
from baton.process.http_server import address_of, listen, serving
from baton.process.logs import get_logger
from baton.settings import Settings

_LIMITS = ConnectionLimits(20, 20)
_GRACE = 1.0
_log = get_logger(__name__)


@asynccontextmanager
async def serving_metrics(
    settings: Settings, ledger: Ledger, ended: ReadEnded, sdk: SdkMetrics | None
) -> AsyncIterator[str | None]:
    """Serve the worker's metrics while the block runs; yield their URL, or None if the settings have no port.

    Args:
        settings: The port, the address and the token.
        ledger: An open ledger.
        ended: Reads which ended orders need a person.
        sdk: The Temporal SDK's metrics, if the process serves them.

    Raises:
        CannotListen: The port is in use.
        SettingsError: The file with the token cannot be read.
    """
    port, host = settings.worker_metrics_port, settings.worker_metrics_host
    if port is None:
        yield None
        return
    access = MetricsAccess(host, settings.secret("metrics_token"))
    scrape = Scrape("worker", ledger, ended, sdk.text if sdk else None)
    listener = listen(host, port, who="the worker", remedy="set BATON_WORKER_METRICS_PORT")
    url = f"{address_of(listener)}/metrics"
    async with serving(Starlette(routes=[metrics_route(scrape, access)]), listener, grace=_GRACE, limits=_LIMITS):
        _log.info("worker shows its metrics", address=url)
        yield url
