"""OpenTelemetry traces, if the environment names a collector: from a call of the order API to the notifications.

A trace goes through Temporal in the headers of workflows and activities. Notifications are made from the ledger, so
each event there keeps the trace of its order. Without the SDK of OpenTelemetry, which is the extra `tracing`, and
without its settings, nothing is recorded and nothing is sent.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import context, trace
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from temporalio.client import Interceptor

from baton.process.logs import get_logger

TRACEPARENT = "traceparent"
"""The header that carries a trace, as the W3C specifies it."""

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_propagator = TraceContextTextMapPropagator()
_log = get_logger(__name__)


@contextmanager
def tracing(process: str) -> Iterator[list[Interceptor]]:
    """Record traces while the block runs; yield what a Temporal client needs for that, which may be nothing.

    Args:
        process: What kind of process this is, such as `worker`; its traces bear that name unless `OTEL_SERVICE_NAME`
            gives another one.
    """
    if not _is_wanted(os.environ):
        yield []
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        _log.error("no traces are sent: OpenTelemetry is not installed; install baton-orders[tracing]")
        yield []
        return
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": f"baton-{process}"}
    provider = TracerProvider(resource=Resource.create(named))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    _log.info("traces are sent")
    try:
        yield [temporal_traces()]
    finally:
        provider.shutdown()


def temporal_traces() -> Interceptor:
    """Return what carries traces through Temporal; it needs the extra `tracing`."""
    from temporalio.contrib.opentelemetry import TracingInterceptor

    return TracingInterceptor()


def _is_wanted(environment: Mapping[str, str]) -> bool:
    is_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return not is_off and any(environment.get(name) for name in _ENDPOINTS)


def current_trace() -> str | None:
    """Return the trace that runs now, as the value of a `traceparent` header; None without one."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(TRACEPARENT)


@contextmanager
def span(
    name: str, kind: SpanKind, traceparent: str | None = None, attributes: Mapping[str, str] | None = None
) -> Iterator[trace.Span]:
    """Record the block as a span.

    Args:
        name: The span's name.
        kind: Whether the block serves a call or makes one.
        traceparent: The trace that the span belongs to; None for the one that runs now, or a new one.
        attributes: What is known of it; nothing that names a person.
    """
    parent = _propagator.extract({TRACEPARENT: traceparent}) if traceparent else context.get_current()
    tracer = trace.get_tracer("baton")
    with tracer.start_as_current_span(name, context=parent, kind=kind, attributes=dict(attributes or {})) as recorded:
        yield recorded
