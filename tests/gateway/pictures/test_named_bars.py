"""Bars by name: names and values stay readable however long and large they are."""

from collections.abc import Sequence

import pytest

from baton.gateway.pictures.named_bars import NamedBar, NamedBars, drawn, table_of
from baton.gateway.pictures.table import written
from tests.gateway.pictures.drawing import Drawing, overlapping

LONG = "arbitrum:USDT0-bridged-by-a-name-without-end → solana:USDC-of-the-other-long-name"

VALUES: dict[str, list[NamedBar]] = {
    "some routes": [NamedBar("base:USDC → spark:BTC", (42.3, 190), "1,204 orders"), NamedBar("b", (8, 31), "2 orders")],
    "one": [NamedBar("base:USDC → spark:BTC", (0.4, 0.4), "1 order")],
    "long names": [NamedBar(LONG, (1800, 7300), "12 orders"), NamedBar("汉字" * 30, (1, 2), "3 orders")],
    "weeks beside seconds": [NamedBar("a", (1, 2), "9 orders"), NamedBar("b", (86_400 * 40, 86_400 * 90), "1 order")],
    "zero": [NamedBar("a", (0, 0), "1 order")],
}


def picture(bars: Sequence[NamedBar]) -> NamedBars:
    measures = [("p50", "returned"), ("p95", "back")]
    return NamedBars("routes", "Time to deliver", measures, bars, in_seconds=True, head="Route", note="Orders")


@pytest.mark.parametrize("bars", VALUES.values(), ids=VALUES.keys())
def test_names_bars_and_values_stay_in_the_picture_and_apart(bars: list[NamedBar]) -> None:
    found = Drawing(drawn(picture(bars)))

    for box in [*found.bars(), *found.texts()]:
        assert box.left >= -0.1
        assert box.right <= found.width + 0.1
        assert box.bottom <= found.height + 0.1
    assert overlapping(found.texts()) == []


def test_a_long_name_is_shortened_and_said_in_full() -> None:
    found = Drawing(drawn(picture([NamedBar(LONG, (1, 2))])))
    shown = next(box.name for box in found.texts() if "…" in box.name)

    assert shown[:12] == LONG[:12]
    assert shown[-12:] == LONG[-12:]
    assert LONG in found.titles()
    assert table_of(picture([NamedBar(LONG, (1, 2))])).rows[0][0] == LONG


def test_a_bar_is_as_long_as_its_value() -> None:
    short, long = Drawing(drawn(picture([NamedBar("a", (10, 20)), NamedBar("b", (10, 60))]))).bars("back")[1:]

    assert (long.right - long.left) / (short.right - short.left) == pytest.approx(3, rel=0.02)


def test_durations_are_written_in_words() -> None:
    texts = [box.name for box in Drawing(drawn(picture(VALUES["some routes"]))).texts()]

    assert "p50 42 s, p95 3 min 10 s, 1,204 orders" in texts


def test_without_bars_the_picture_says_what_that_means() -> None:
    nobody = picture([])._replace(nothing="no order needs a person")

    assert Drawing(drawn(nobody)).summary == "No order needs a person."
    assert "<tbody></tbody>" in written(table_of(nobody))


def test_names_that_look_like_markup_are_not_markup() -> None:
    evil = picture([NamedBar("<img src=x onerror=alert(1)>", (1, 2), "<b>")])

    assert "<img" not in drawn(evil)
    assert "<b>" not in drawn(evil)
    assert "<img" not in written(table_of(evil))
