"""Work that a signal cancels, and what a second signal does to its clean-up."""

import asyncio
import os
import signal

import pytest

from baton.local.stack import interruption
from baton.local.stack.errors import Interrupted
from baton.local.stack.interruption import until_signal


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_the_work_after_its_clean_up(number: signal.Signals) -> None:
    cleaned = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.sleep(30)
        finally:
            cleaned.append(True)

    with pytest.raises(Interrupted, match=f"stopped by {number.name}") as end:
        await until_signal(work())
    assert cleaned
    assert end.value.exit_code == 128 + number


async def clean_up_between_signals(cleaned: list[bool]) -> None:
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(30)
    finally:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.1)
        cleaned.append(True)


async def test_a_second_signal_of_the_same_request_changes_nothing() -> None:
    cleaned: list[bool] = []
    with pytest.raises(Interrupted, match="SIGTERM"):
        await until_signal(clean_up_between_signals(cleaned))
    assert cleaned


async def test_a_later_signal_cancels_the_clean_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "_SAME_REQUEST_SECONDS", 0.0)
    cleaned: list[bool] = []
    with pytest.raises(Interrupted, match="SIGTERM"):
        await until_signal(clean_up_between_signals(cleaned))
    assert not cleaned


async def test_work_that_ends_by_itself_gives_its_result() -> None:
    async def work() -> int:
        return 7

    assert await until_signal(work()) == 7
