"""docs/events.md shows events as the code makes them, and its ways to verify one work."""

import re

from baton.notifications import schedule
from baton.notifications.signing import new_secret, signed_headers
from tests.notifications.event_examples import BEGIN, END, NOON, PAGE, written


def test_the_examples_are_what_the_code_makes() -> None:
    shown = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    assert shown == f"\n{written()}\n", "run python -m tests.notifications.event_examples"


def test_the_page_names_the_pauses_between_attempts() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "5 seconds, 5 minutes, 30 minutes, 2 hours, 5 hours, then every 10 hours" in text
    assert [pause.total_seconds() for pause in schedule.PAUSES] == [5, 300, 1800, 7200, 18000, 36000]


def test_the_page_verifies_a_notification_in_python() -> None:
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    secret, body = new_secret(), b'{"id":"evt_1","type":"order.closed"}'
    scope = {"SECRET": secret}
    exec(code.group(1), scope)
    verified = scope["verified"](body, signed_headers("evt_1", NOON.now(NOON.tzinfo), body, [secret]))  # type: ignore[operator]
    assert verified["type"] == "order.closed"
