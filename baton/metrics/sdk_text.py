"""The Temporal SDK's own metrics, which its native part counts and shows on a loopback port of its own.

The port is chosen when the process starts, and only this process reads it: its own `/metrics` shows both.
"""

import socket

import httpx
from temporalio.runtime import PrometheusConfig

from baton.bounded_http import certificates
from baton.metrics import instruments
from baton.process.log_rates import RateLimitedLog
from baton.process.logs import get_logger

_TIMEOUT = 3.0
"""Seconds that the native part may take."""

_log = RateLimitedLog(get_logger(__name__))


class SdkMetrics:
    """Where the SDK shows its metrics, and what reads them there."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._address = f"127.0.0.1:{free.getsockname()[1]}"

    @property
    def config(self) -> PrometheusConfig:
        """The SDK's settings, with names as Prometheus wants them: seconds, and `_total` for counters."""
        return PrometheusConfig(
            bind_address=self._address, counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
        )

    async def text(self) -> str:
        """Return the SDK's metrics; nothing if they cannot be read."""
        try:
            async with httpx.AsyncClient(verify=certificates(), timeout=_TIMEOUT, trust_env=False) as client:
                answer = await client.get(f"http://{self._address}/metrics")
                return answer.raise_for_status().text
        except httpx.HTTPError as error:
            _log.warning("the SDK's metrics are missing in a scrape", reason=str(error) or type(error).__name__)
            instruments.SCRAPE_FAILURES.labels("sdk").inc()
            return ""
