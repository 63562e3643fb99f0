"""Pauses grow for three days, then a person is left to decide; five days without success disable an endpoint."""

from datetime import UTC, datetime, timedelta

from baton.notifications.schedule import DISABLE_AFTER, GIVE_UP_AFTER, MAX_RETRY_AFTER, must_disable, pause_after

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def pauses() -> list[timedelta]:
    """Return the pauses of an endpoint that never answers."""
    found: list[timedelta] = []
    while pause := pause_after(len(found) + 1, sum(found, timedelta())):
        found.append(pause)
    return found


def test_the_first_pauses_are_those_of_the_documentation() -> None:
    hours = [pause.total_seconds() / 3600 for pause in pauses()]
    assert [pause.total_seconds() for pause in pauses()[:3]] == [5, 300, 1800]
    assert hours[3:6] == [2, 5, 10]


def test_attempts_end_exactly_three_days_after_the_first() -> None:
    assert sum(pauses(), timedelta()) == GIVE_UP_AFTER == timedelta(days=3)


def test_an_endpoint_may_ask_for_a_longer_pause_within_bounds() -> None:
    assert pause_after(1, timedelta(), asked=60) == timedelta(seconds=60)
    assert pause_after(1, timedelta(), asked=1) == timedelta(seconds=5)
    assert pause_after(1, timedelta(), asked=1e9) == MAX_RETRY_AFTER


def test_five_days_without_success_disable_an_endpoint() -> None:
    assert must_disable(NOW - DISABLE_AFTER, NOW)
    assert not must_disable(NOW - DISABLE_AFTER + timedelta(seconds=1), NOW)
    assert not must_disable(None, NOW)
