"""A short soak, as a proof that its bench measures, compares and judges; the long one is `make bench BENCH=soak`."""

import pytest

from bench.soak import SoakOptions, soak
from bench.support.soak_report import document, page, verdict

pytestmark = [pytest.mark.production, pytest.mark.timeout(300)]

_TIMED = ("memory", "lag", "oldest")
"""Findings that a minute on a busy machine cannot judge."""


async def test_a_minute_of_orders_on_a_fleet_loses_and_doubles_nothing() -> None:
    _, report = await soak(SoakOptions(seconds=30, rate=1.0, every=2.0))
    broken = [each for each in report.findings if not each.passed and not each.what.startswith(_TIMED)]

    assert broken == []
    assert report.orders == 30
    assert {"worker-0", "worker-1", "gateway-0", "gateway-1", "temporal", "postgres"} <= report.memory.keys()
    assert all(thirds is not None for thirds in report.lags.values()), verdict(report)
    assert report.feed_writes > 1
    assert "worker-1" in page(report, "make bench BENCH=soak", "this machine", None)
    assert document(report, "make bench BENCH=soak", {}, "now")["orders"] == 30
