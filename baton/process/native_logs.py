"""The log of the Temporal SDK's native part, which it otherwise writes to stdout in a format of its own.

It goes to Python's `logging`, like the logs of all libraries: into the process's own log, or to stderr in a command.
"""

import logging
from functools import cache

from temporalio.runtime import LogForwardingConfig, LoggingConfig, PrometheusConfig, Runtime, TelemetryConfig

_LOGGER = "temporalio.core"


@cache
def forward_native_logs(metrics: PrometheusConfig | None = None) -> None:
    """Forward the native part's log from now on. Call it before the first Temporal client; later calls do nothing.

    Args:
        metrics: Where the native part shows its metrics, if anywhere.
    """
    logger = logging.getLogger(_LOGGER)
    logger.addFilter(_with_fields)
    forwarding = LogForwardingConfig(
        logger,
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    logs = LoggingConfig(filter=LoggingConfig.default.filter, forwarding=forwarding)
    telemetry = TelemetryConfig(logging=logs, metrics=metrics)
    Runtime.set_default(Runtime(telemetry=telemetry), error_if_already_set=False)


def _with_fields(record: logging.LogRecord) -> bool:
    """Replace the SDK's own object on a record by its plain values, which every format can write."""
    entry = record.__dict__.pop("temporal_log")
    record.target, record.fields = entry.target, entry.fields
    return True
