"""The text of a scrape: the process's own instruments, the ledger's figures and the Temporal SDK's metrics."""

from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from baton.ledger.ledger import Ledger
from baton.metrics import instruments
from baton.metrics.access import MetricsAccess
from baton.metrics.ledger_collector import LedgerCollector, ReadEnded
from baton.process.log_rates import RateLimitedLog
from baton.process.logs import get_logger
from baton.stale_settings import stale_settings
from baton.version import __version__

PATH = "/metrics"

_log = RateLimitedLog(get_logger(__name__))
ReadText = Callable[[], Awaitable[str]]


class Scrape:
    """What one process shows at a scrape.

    Args:
        process: What kind of process this is, such as `worker`.
        ledger: An open ledger.
        ended: Reads which ended orders need a person.
        sdk: Reads the Temporal SDK's metrics as text, if the process serves them.
    """

    def __init__(self, process: str, ledger: Ledger, ended: ReadEnded, sdk: ReadText | None = None) -> None:
        self._figures = LedgerCollector(ledger, ended)
        self._sdk = sdk
        self._ledger_registry = CollectorRegistry()
        self._ledger_registry.register(self._figures)
        instruments.BUILD.labels(process, __version__).set(1)

    async def text(self) -> bytes:
        """Return the metrics in Prometheus's text format."""
        await self._figures.refresh()
        instruments.STALE_SETTINGS.set(len(stale_settings()))
        sdk = (await self._sdk()).encode() if self._sdk else b""
        return generate_latest(instruments.REGISTRY) + generate_latest(self._ledger_registry) + sdk


def metrics_route(scrape: Scrape, access: MetricsAccess) -> Route:
    """Return the route `/metrics`."""
    if access.objection:
        get_logger(__name__).info(access.objection)

    async def metrics(request: Request) -> Response:
        if not access.allows(request.headers):
            reason = access.objection or "it has no valid bearer token, or it came through a proxy"
            _log.warning("a scrape was refused", reason=reason)
            return PlainTextResponse("This process does not show its metrics to you.\n", 403)
        return Response(await scrape.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return Route(PATH, metrics, methods=["GET"])
