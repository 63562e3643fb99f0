"""How an order grows with its life, in figures that do not depend on the machine."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from temporalio.testing import WorkflowEnvironment

from baton.settings import Tracking
from bench.support.growth import Life, LifeCost, LifeRun
from bench.support.growth_report import MOST_EVENTS, most_reads, objections, rows_of
from tests.end_to_end.world import running_world
from tests.temporal_server import temporal_server

SHORT, LONG = timedelta(hours=6), timedelta(hours=18)
"""Two lives that both pass the time after which an operator is asked to look; the longer one is reminded of it."""

MINUTE = {"webhooks": LifeCost(42, 8, 20_000, 1, 2, 20), "polls": LifeCost(66, 10, 34_000, 1, 12, 32)}
"""The most that an order may cost that lives a minute. Lower them when an order gets cheaper."""


class Lives(NamedTuple):
    """What lives of several lengths cost, and how the account tracked their orders."""

    tracking: Tracking
    costs: dict[timedelta, LifeCost]


@pytest.fixture(scope="module")
async def temporal() -> AsyncIterator[WorkflowEnvironment]:
    async with temporal_server() as environment:
        yield environment


@pytest.fixture(scope="module", params=["webhooks", "polls"])
async def lives(
    request: pytest.FixtureRequest, temporal: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> Lives:
    """Return what a short and a long life cost, with webhooks and without."""
    tracking: Tracking = request.param
    async with running_world(temporal, tmp_path_factory.mktemp("growth"), tracking=tracking) as world:
        lengths = (Life.MINUTE.length, SHORT, LONG)
        costs = await asyncio.gather(*(LifeRun(world, tracking).live(length) for length in lengths))
    return Lives(tracking, dict(zip(lengths, costs, strict=True)))


def test_at_the_pace_of_half_a_day_a_week_stays_below_250_events(lives: Lives) -> None:
    grown = max(0, lives.costs[LONG].events - lives.costs[SHORT].events)
    week = lives.costs[LONG].events + grown * (Life.WEEK.length - LONG) / (LONG - SHORT)

    assert week < MOST_EVENTS


def test_the_reads_of_a_long_life_keep_to_the_longest_pauses(lives: Lives) -> None:
    assert most_reads(LONG) / 2 < lives.costs[LONG].reads <= most_reads(LONG)


def test_a_read_without_news_leaves_no_event(lives: Lives) -> None:
    grown = lives.costs[LONG].events - lives.costs[SHORT].events
    read = lives.costs[LONG].reads - lives.costs[SHORT].reads

    assert read > 5 * grown


def test_a_minute_of_life_stays_below_its_bounds(lives: Lives) -> None:
    bounds = MINUTE[lives.tracking]

    assert all(figure <= most for figure, most in zip(lives.costs[Life.MINUTE.length], bounds, strict=True))


def test_too_many_events_or_reads_are_named() -> None:
    week = LifeCost(events=251, workflow_tasks=30, size=40_000, runs=1, reads=5_000, actions=5_030)
    costs = {(Life.WEEK, "polls"): week}

    events, reads = objections(costs)

    assert "a week without webhooks takes 251 events, more than 250" in events
    assert "5000 reads" in reads
    assert rows_of(costs)[0][:3] == ("a week", "without webhooks", "251")
