"""Times as text: in UTC, and with a date where it is not today's."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from baton.encoding.times import clock_time, date_and_time

EVENING = datetime(2026, 2, 1, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("later", "text"),
    [
        (timedelta(minutes=5), "23:35:00 UTC"),
        (timedelta(hours=1), "2026-02-02 00:30:00 UTC"),
        (timedelta(days=365), "2027-02-01 23:30:00 UTC"),
        (-timedelta(days=1), "2026-01-31 23:30:00 UTC"),
    ],
)
def test_a_time_that_is_not_todays_carries_its_date(later: timedelta, text: str) -> None:
    assert clock_time(EVENING + later, EVENING) == text


def test_a_time_of_another_zone_is_shown_in_utc() -> None:
    tokyo = datetime(2026, 2, 2, 8, 30, tzinfo=timezone(timedelta(hours=9)))

    assert clock_time(tokyo, EVENING) == "23:30:00 UTC"
    assert date_and_time(tokyo) == "2026-02-01 23:30:00 UTC"
