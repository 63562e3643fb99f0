"""Bars over time: whatever the counts are, bars stay in their field and texts apart."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from baton.gateway.pictures.table import written
from baton.gateway.pictures.time_bars import Series, TimeBars, drawn, table_of
from tests.gateway.pictures.drawing import Drawing, overlapping

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVENING = datetime(2026, 11, 28, 20, tzinfo=UTC)

COUNTS: dict[str, Sequence[int]] = {
    "a day of hours": [*range(24)],
    "one hour": [7],
    "nothing": [0] * 24,
    "huge": [0, 3 * 10**12, 10**12],
    "one beside many": [1, 100_000],
    "a year of days": [5] * 365,
}


def picture(counts: Sequence[int], step: timedelta = HOUR, line: Sequence[int] | None = None) -> TimeBars:
    starts = [EVENING + step * place for place in range(len(counts))]
    stacked = [Series("completed", "good", counts), Series("failed", "bad", [count // 10 for count in counts])]
    started = Series("started", "", line) if line is not None else None
    return TimeBars("orders", "Orders by the hour", starts, step, stacked, started)


@pytest.mark.parametrize("step", [HOUR, DAY], ids=["hours", "days"])
@pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS.keys())
def test_bars_and_texts_stay_in_the_picture_and_apart(counts: Sequence[int], step: timedelta) -> None:
    found = Drawing(drawn(picture(counts, step, [count * 2 for count in counts])))

    for box in [*found.bars(), *found.texts()]:
        assert box.left >= -0.1
        assert box.top >= -0.1
        assert box.right <= found.width + 0.1
        assert box.bottom <= found.height + 0.1
    assert overlapping(found.texts()) == []
    assert overlapping(found.bars()) == []


def test_a_bar_is_as_high_as_its_count() -> None:
    bars = Drawing(drawn(picture([10, 30, 40]))).bars("good")
    heights = [bar.bottom - bar.top for bar in bars[1:]]

    assert [round(height / heights[0], 2) for height in heights] == [1, 3, 4]


def test_a_count_of_one_beside_many_can_be_seen() -> None:
    assert min(bar.bottom - bar.top for bar in Drawing(drawn(picture([1, 10**6]))).bars("good")) >= 0.9


def test_counts_are_stacked_without_a_gap() -> None:
    found = Drawing(drawn(picture([40])))

    assert found.bars("bad")[1].bottom == pytest.approx(found.bars("good")[1].top, abs=0.15)


def test_the_days_of_times_are_named_where_they_begin() -> None:
    texts = [box.name for box in Drawing(drawn(picture([1] * 24))).texts()]

    assert "28 Nov 20:00" in texts
    assert "29 Nov" in texts


def test_a_period_without_orders_says_so() -> None:
    found = Drawing(drawn(picture([0] * 24)))

    assert "no orders in this period" in [box.name for box in found.texts()]
    assert found.summary == "No orders in this period."


def test_a_reader_hears_title_period_and_sums() -> None:
    found = Drawing(drawn(picture([10, 20])))

    assert found.root.attrib["role"] == "img"
    assert found.root.attrib["aria-labelledby"] == "orders-title orders-summary"
    assert found.titles()[0] == "Orders by the hour"
    assert found.summary.startswith("2026-11-28 20:00-21:00 to 2026-11-28 21:00-22:00 UTC. completed: 30; failed: 3.")


def test_a_pointer_on_a_bar_reads_its_figures() -> None:
    assert "2026-11-28 20:00-21:00 UTC: completed 10, failed 1" in Drawing(drawn(picture([10]))).titles()


def test_the_table_has_every_figure_of_the_picture() -> None:
    table = table_of(picture([1000], line=[5]))

    assert table.head == ["Time (UTC)", "started", "completed", "failed"]
    assert table.rows == [["2026-11-28 20:00-21:00", "5", "1,000", "100"]]
    assert '<th scope="row">2026-11-28 20:00-21:00</th><td>5</td><td>1,000</td>' in written(table)


def test_names_that_look_like_markup_are_shown_as_they_are() -> None:
    evil = '</text><script>alert("x")</script>\x00'
    bars = picture([1])._replace(title=evil, stacked=[Series(evil, '"><script>', [1])])

    assert "<script>" not in drawn(bars)
    assert "<script>" not in written(table_of(bars))
    assert Drawing(drawn(bars)).titles()[0] == evil.rstrip("\x00")
