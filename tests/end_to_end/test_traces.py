"""One trace leads from the call of the order API over the workflow and its activities to the notification."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr
from temporalio.client import Client

from baton.notifications.endpoint import AppEndpoint, SigningSecret
from baton.notifications.signing import new_secret
from baton.orders.models import Outcome
from baton.process.tracing import temporal_traces, tracing
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.notifications.receiver import Receiver, receiving
from tests.temporal_server import temporal_server

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def exporter() -> Iterator[InMemorySpanExporter]:
    """Record spans in memory; the provider of a process can be set only once, so no other test may set one."""
    memory, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    trace.set_tracer_provider(provider)
    yield memory
    provider.shutdown()


@pytest.fixture
async def shop() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture(params=["in the sandbox", "as in production"])
async def traced(
    request: pytest.FixtureRequest, exporter: InMemorySpanExporter, tmp_path: Path
) -> AsyncIterator[World]:
    """Run Baton with a client that traces."""
    sandboxed = request.param == "in the sandbox"
    async with temporal_server() as environment:
        config = environment.client.config()
        config["interceptors"] = [*config["interceptors"], temporal_traces()]
        environment._client = Client(**config)
        async with running_world(environment, tmp_path, sandboxed=sandboxed) as world:
            yield world


def by_name(exporter: InMemorySpanExporter) -> dict[str, list[ReadableSpan]]:
    found = defaultdict(list)
    for span in exporter.get_finished_spans():
        found[span.name].append(span)
    return found


def of_trace(exporter: InMemorySpanExporter) -> set[str]:
    """Return the names of the spans of the caller's trace."""
    spans = exporter.get_finished_spans()
    return {span.name for span in spans if span.context is not None and span.context.trace_id == int(TRACE, 16)}


def events_of(exporter: InMemorySpanExporter) -> set[object]:
    """Return the events whose notification has a finished span."""
    return {dict(span.attributes or {})["event"] for span in by_name(exporter)["notify"]}


async def test_one_trace_leads_from_the_call_to_the_notification(
    traced: World, shop: Receiver, exporter: InMemorySpanExporter
) -> None:
    exporter.clear()
    endpoint = AppEndpoint(name="shop", url=shop.url, secrets=[SigningSecret(secret=SecretStr(new_secret()))])
    await traced.ledger.endpoints.create(endpoint.row("a test"))
    await eventually(lambda: traced.ledger.endpoints.states())
    answer = await traced.http.post("/v1/orders", json=traced.document(), headers={"traceparent": PARENT})
    assert answer.status_code == 201
    reference = answer.json()["reference"]
    await eventually(lambda: "order.placed" in shop.types(), within=30)
    proof = await traced.sandbox.deposit(quote_id=answer.json()["quote_id"])
    await traced.http.post(f"/v1/orders/{reference}/deposit", json=proof)
    assert (await traced.baton.wait(reference)).outcome is Outcome.COMPLETED
    await eventually(lambda: "order.closed" in shop.types(), within=30)

    # The span of a notification ends a moment after the shop has it.
    await eventually(lambda: "order.closed" in events_of(exporter))

    names = of_trace(exporter)
    assert {
        "POST /v1/orders",
        "RunWorkflow:OrderWorkflow",
        "RunActivity:request_quote",
        "RunActivity:submit_deposit",
        "notify",
    } <= names
    attempts = by_name(exporter)["notify"]
    assert events_of(exporter) >= {"order.placed", "order.closed"}
    assert all(span.context is not None and span.context.trace_id == int(TRACE, 16) for span in attempts)


def test_without_a_collector_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)

    with tracing("worker") as interceptors:
        assert interceptors == []


def test_the_sdk_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")

    with tracing("worker") as interceptors:
        assert interceptors == []
