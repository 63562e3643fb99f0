"""Answers that are kept for some seconds are made once, and made again after them."""

import asyncio

import pytest

from baton.gateway.short_memory import MOST_KEPT, ShortMemory


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Counting:
    """Answers with how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self) -> int:
        self.asked += 1
        await self.may_answer.wait()
        return self.asked


async def test_an_answer_is_kept_for_its_seconds() -> None:
    clock, counting = Clock(), Counting()
    memory: ShortMemory[str, int] = ShortMemory(clock)

    assert [await memory.get("a", 5, counting) for _ in range(3)] == [1, 1, 1]
    assert await memory.get("b", 5, counting) == 2
    clock.now = 5.1
    assert await memory.get("a", 5, counting) == 3


async def test_many_who_ask_at_once_get_one_answer() -> None:
    counting, memory = Counting(), ShortMemory[str, int]()
    counting.may_answer.clear()
    asking = [asyncio.create_task(memory.get("a", 5, counting)) for _ in range(10)]
    await asyncio.sleep(0)
    asking[0].cancel()
    counting.may_answer.set()

    assert await asyncio.gather(*asking[1:]) == [1] * 9


async def test_an_error_is_not_kept() -> None:
    counting, memory = Counting(), ShortMemory[str, int]()

    async def fail() -> int:
        raise OSError("down")

    with pytest.raises(OSError, match="down"):
        await memory.get("a", 5, fail)
    assert await memory.get("a", 5, counting) == 1


async def test_the_memory_has_a_bound() -> None:
    counting, memory = Counting(), ShortMemory[int, int]()
    for number in range(MOST_KEPT + 10):
        await memory.get(number, 60, counting)

    assert await memory.get(MOST_KEPT + 9, 60, counting) == MOST_KEPT + 10
    assert await memory.get(0, 60, counting) == MOST_KEPT + 11
