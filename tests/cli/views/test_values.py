"""Amounts, durations, deadlines and text from others."""

from datetime import datetime, timedelta

import pytest

from baton.cli.views.values import amount, awaited, clean, due, span
from baton.orders.models import Waiting
from tests.cli.views.drawing import HOSTILE
from tests.orders.states import NOON


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=14, seconds=32), "14 min 32 s"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 h 59 min"),
        (timedelta(days=30), "30 d 0 h"),
    ],
)
def test_a_duration_is_shown_in_two_units(length: timedelta, text: str) -> None:
    assert span(length) == text


def test_amounts_are_whole_numbers_of_the_smallest_unit() -> None:
    assert amount(2**256 - 1, "ETH") == f"{2**256 - 1} ETH (smallest units)"
    assert amount(0) == "0 smallest units"
    assert amount(None, "ETH") is None


def test_a_deadline_shows_how_far_away_it_is() -> None:
    at = datetime.fromisoformat("2026-02-01T12:00:30+00:00")
    assert due(at, NOON) == "2026-02-01 12:00:30 UTC (in 30 s)"
    assert due(at, at) == "2026-02-01 12:00:30 UTC (0 s ago)"
    assert due(None, at) is None


def test_clean_text_is_one_printable_line() -> None:
    assert clean(HOSTILE).isprintable()
    assert clean("spark1… → ünï") == "spark1… → ünï"


@pytest.mark.parametrize(
    ("what", "who", "said"),
    [
        ("the swap", "orchestra", "the swap from Orchestra"),
        ("Orchestra to start processing", "orchestra", "Orchestra to start processing"),
        ("a deposit", "payer", "a deposit from the payer"),
    ],
)
def test_the_party_that_an_order_waits_for_is_named_once(what: str, who: str, said: str) -> None:
    assert awaited(Waiting(what=what, who=who, until=NOON, then="")) == said
