"""The benchmark of notifications, small: good endpoints beside a dead, a slow and a half-failing one."""

from datetime import timedelta
from pathlib import Path

import pytest

from baton.notifications import schedule
from bench.support import endpoint_fleet
from bench.support.endpoint_fleet import EndpointFleet, fleet_server, free_port, write_endpoints
from bench.support.notification_load import (
    NotificationFigures,
    OrderFeed,
    accepted_by_bad,
    figures_of,
    measure_load,
    wait_for_dead,
)
from tests.eventually import eventually
from tests.notifications.conftest import Feed

ORDERS, RATE, GOOD = 12, 10.0, 3
EVENTS = 6 * (ORDERS + 1)


@pytest.fixture
async def figures(feed: Feed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NotificationFigures:
    monkeypatch.setattr(schedule, "PAUSES", (timedelta(seconds=0.2), timedelta(seconds=0.5)))
    monkeypatch.setattr(endpoint_fleet, "SLOW_SECONDS", 600.0)  # until the test ends, however fast the machine is
    fleet, orders, dead_port = EndpointFleet(), OrderFeed(feed.ledger, GOOD), free_port()
    async with fleet_server(fleet) as url:
        file = tmp_path / "endpoints.toml"
        names = write_endpoints(file, url, f"http://127.0.0.1:{dead_port}", GOOD)
        async with feed.worker(file):
            await eventually(feed.ledger.endpoints.states, lambda states: len(states) == len(names))
            await measure_load(orders, fleet, orders=ORDERS, rate=RATE)
            got = accepted_by_bad(fleet)
            async with fleet_server(fleet, dead_port):
                await orders(ORDERS)
                seconds = await wait_for_dead(orders, fleet)
    return figures_of(orders, fleet, rate=RATE, good=GOOD, back_seconds=seconds, got=got)


async def test_bad_endpoints_neither_delay_the_good_ones_nor_lose_events(figures: NotificationFigures) -> None:
    assert figures.events == EVENTS
    assert (figures.good_missing, figures.good_unordered) == (0, 0)
    assert (figures.dead_missing, figures.dead_unordered) == (0, 0)
    assert figures.slow_got == 0, "the good endpoints had all events before the slow one had accepted any"
