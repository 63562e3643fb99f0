"""Scales: lines at round values, and short words for them."""

from datetime import UTC, datetime, timedelta

import pytest

from baton.gateway.pictures.scales import count_lines, duration, second_lines, short_count, time_label
from baton.gateway.pictures.text_width import shortened, width_of

MIDNIGHT = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("highest", "lines"),
    [(0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (600, [0, 200, 400, 600]), (601, [0, 200, 400, 600, 800])],
)
def test_an_axis_of_counts_has_lines_at_round_values(highest: float, lines: list[float]) -> None:
    assert count_lines(highest) == lines


@pytest.mark.parametrize(("highest", "step"), [(3, 1), (50, 15), (700, 300), (7300, 3600), (86_400 * 90, 86_400 * 50)])
def test_an_axis_of_seconds_has_lines_at_whole_units(highest: float, step: float) -> None:
    assert second_lines(highest)[1] == step
    assert second_lines(highest)[-1] >= highest


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.25, "0.25 s"), (59.6, "1 min"), (190, "3 min 10 s"), (7265, "2 h 1 min"), (90_000, "1 d 1 h")],
)
def test_a_duration_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (999, "999"), (1500, "1.5k"), (2_000_000, "2M"), (10**13, "10T")]
)
def test_a_large_count_is_short(count: int, text: str) -> None:
    assert short_count(count) == text


def test_a_time_in_another_zone_is_written_in_utc() -> None:
    berlin = datetime.fromisoformat("2026-11-29T03:00:00+01:00")

    assert time_label(berlin, timedelta(hours=1), MIDNIGHT) == "02:00"


@pytest.mark.parametrize("text", ["W" * 50, "汉" * 50, "i" * 200, "a"])
def test_a_shortened_text_fits(text: str) -> None:
    assert width_of(shortened(text, 60)) <= 60
