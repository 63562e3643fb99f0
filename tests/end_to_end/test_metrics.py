"""What worker and gateway show of an order in a scrape, as the processes that run in production."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from baton.local.stack.ports import free_ports
from baton.metrics.instruments import LEDGER_INSTRUMENTS, REGISTRY
from baton.orders.models import Phase
from tests.end_to_end.worker_process import worker_process
from tests.end_to_end.world import World, running_world
from tests.eventually import eventually
from tests.http import http_client
from tests.metrics.exposition import labels_of, samples, value
from tests.metrics.expressions import expressions, labels_in, metrics_in
from tests.temporal_server import AFTER_KILL, temporal_server


@pytest.fixture(scope="module")
async def bare(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Run Baton without a worker, on its own Temporal server."""
    folder = tmp_path_factory.mktemp("metrics")
    async with temporal_server(**AFTER_KILL) as temporal, running_world(temporal, folder, with_worker=False) as world:
        yield world


@pytest.fixture(scope="module")
async def scrapes(bare: World) -> dict[str, str]:
    """Run one order to its end; return the scrapes of worker and gateway after it."""
    port = free_ports(1)[0]
    url = f"http://127.0.0.1:{port}/metrics"
    folder: Path = bare.ledger_file.parent
    async with worker_process(bare, folder, BATON_WORKER_METRICS_PORT=str(port)), http_client() as http:
        await http.get(url)
        placed = await bare.place()
        await bare.deposit_and_report(placed)
        await bare.until(placed, phase=Phase.CLOSED)

        async def worker_scrape() -> str:
            return (await http.get(url)).raise_for_status().text

        async def complete() -> str | None:
            text = await worker_scrape()
            done = {"account": "default", "outcome": "completed"}
            return text if value(text, "baton_orders_closed_total", **done) else None

        worker = await eventually(complete, within=30)
        gateway = (await http.get(f"{bare.gateway_url}/metrics")).raise_for_status().text
    assert worker is not None
    return {"worker": worker, "gateway": gateway}


def test_the_worker_counts_its_calls_to_orchestra(scrapes: dict[str, str]) -> None:
    own = {"account": "default", "result": "ok"}

    for operation in ("quote", "submit"):
        labels = {**own, "operation": f"POST /v1/orchestration/{operation}"}
        assert value(scrapes["worker"], "baton_orchestra_calls_total", **labels) == 1
    assert value(scrapes["worker"], "baton_reads_allowed_per_second", account="default") == 1.5


def test_a_webhook_has_a_time_from_its_arrival_to_its_order(scrapes: dict[str, str]) -> None:
    count = value(scrapes["worker"], "baton_webhook_applied_seconds_count")
    total = value(scrapes["worker"], "baton_webhook_applied_seconds_sum")

    assert count is not None
    assert total is not None
    assert count >= 1
    assert 0 < total / count < 30


def test_the_workers_scrape_has_the_metrics_of_the_temporal_sdk(scrapes: dict[str, str]) -> None:
    names = {name for name, _ in samples(scrapes["worker"])}

    assert "temporal_num_pollers" in names
    assert "temporal_workflow_task_schedule_to_start_latency_seconds_count" in names


def test_both_processes_name_their_version(scrapes: dict[str, str]) -> None:
    for process in ("worker", "gateway"):
        assert f'baton_build_info{{process="{process}",version=' in scrapes[process]


AFTER_A_FAILURE = {"temporal_workflow_task_execution_failed_total": {"failure_reason"}}
"""Metrics that the SDK shows after a first failure, with their labels."""


def known_labels(scrapes: dict[str, str]) -> dict[str, set[str]]:
    """Return the labels of each metric that a scrape has, also of those that count nothing yet."""
    known = {one.name: set(one.labels) for one in LEDGER_INSTRUMENTS}
    for instrument in REGISTRY._collector_to_names:
        for name in REGISTRY._collector_to_names[instrument]:
            known[name] = set(getattr(instrument, "_labelnames", ()))
    for text in scrapes.values():
        for name, labels in labels_of(text).items():
            known[name] = known.get(name, set()) | labels
    return known | AFTER_A_FAILURE


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_what_alarms_and_panels_read_is_in_a_scrape(scrapes: dict[str, str], expression: str) -> None:
    known = known_labels(scrapes)
    shown = set(re.findall(r"^# TYPE (\w+)", "".join(scrapes.values()), re.MULTILINE))
    shown |= {name for text in scrapes.values() for name, _ in samples(text)} | set(AFTER_A_FAILURE)
    metrics = metrics_in(expression)

    for metric in metrics:
        assert {metric, metric.removesuffix("_bucket")} & shown, metric
    labels = set().union(*(known.get(metric, known.get(metric.removesuffix("_bucket"), set())) for metric in metrics))
    assert labels_in(expression) <= labels


def test_no_scrape_names_an_order(scrapes: dict[str, str]) -> None:
    for text in scrapes.values():
        assert "test-" not in text
        assert "order/" not in text
