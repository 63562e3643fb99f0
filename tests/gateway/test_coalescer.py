"""The coalescer alone: what waits, what is sent, and what each caller gets."""

import asyncio
from typing import Any

import pytest

from baton.gateway.coalescer import MAX_BYTES, MAX_ENVELOPES, MAX_WAITING, SIGNAL_PAUSE, Coalescer
from baton.gateway.signals import NotHandedOver, TemporalSilent
from tests.eventually import eventually

NEVER = 3600.0
"""A window, in seconds, that is longer than any test."""


class Signals:
    """Keeps the signals that it sends; a signal does not end while `gate` is closed."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, list[Any]]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def __call__(self, workflow_id: str, envelopes: list[dict[str, Any]]) -> None:
        self.sent.append((workflow_id, [envelope["n"] for envelope in envelopes]))
        await self.gate.wait()
        if self.error:
            raise self.error

    @property
    def batches(self) -> list[list[Any]]:
        return [numbers for _, numbers in self.sent]


class Callers:
    """Offers envelopes in order, each in a task of its own."""

    def __init__(self, coalescer: Coalescer) -> None:
        self.coalescer = coalescer

    def offer(
        self, number: Any, *, urgent: bool = False, news: bool = True, to: str = "order/a", **rest: Any
    ) -> asyncio.Task[None]:
        return asyncio.create_task(self.coalescer.offer(to, {"n": number} | rest, urgent=urgent, news=news))


@pytest.fixture
def signals() -> Signals:
    return Signals()


def callers(signals: Signals, window: float = NEVER) -> Callers:
    return Callers(Coalescer(signals, window=window))


async def test_the_first_envelope_of_an_order_is_sent_at_once(signals):
    await callers(signals).offer(1)
    assert signals.batches == [[1]]


async def test_progress_waits_and_is_sent_with_the_next_urgent_envelope(signals):
    caller = callers(signals)
    await caller.offer(1)
    waiting = [caller.offer(number) for number in (2, 3, 4)]
    await eventually(lambda: caller.coalescer.waiting == 3)
    assert not any(task.done() for task in waiting)
    await caller.offer("end", urgent=True)
    await asyncio.gather(*waiting)
    assert signals.batches == [[1], [2, 3, 4, "end"]]


async def test_a_first_envelope_without_news_is_sent_with_the_next_urgent_one(signals):
    caller = callers(signals)
    waiting = [caller.offer(1, news=False), caller.offer(2)]
    await eventually(lambda: caller.coalescer.waiting == 2)
    await caller.offer("end", urgent=True)
    await asyncio.gather(*waiting)
    assert signals.batches == [[1, 2, "end"]]


async def test_a_first_envelope_without_news_is_sent_when_the_window_ends(signals):
    await callers(signals, window=0.05).offer(1, news=False)
    assert signals.batches == [[1]]


async def test_a_first_urgent_envelope_is_sent_at_once_even_without_news(signals):
    await callers(signals).offer(1, urgent=True, news=False)
    assert signals.batches == [[1]]


async def test_progress_is_sent_in_one_signal_when_the_window_ends(signals):
    caller = callers(signals, window=0.05)
    await caller.offer(1)
    await asyncio.gather(*(caller.offer(number) for number in (2, 3, 4)))
    assert signals.batches == [[1], [2, 3, 4]]


async def test_each_signal_opens_a_new_window(signals):
    caller = callers(signals, window=0.05)
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in (1, 2, 3):
        await caller.offer(number)
    assert loop.time() - began >= 0.1
    assert signals.batches == [[1], [2], [3]]


async def test_orders_do_not_wait_for_each_other(signals):
    caller = callers(signals)
    await caller.offer(1, to="order/a")
    await caller.offer(2, to="order/b")
    assert signals.sent == [("order/a", [1]), ("order/b", [2])]


async def test_an_urgent_envelope_waits_for_the_signal_under_way(signals):
    caller = callers(signals)
    signals.gate.clear()
    first = caller.offer(1)
    await eventually(lambda: signals.batches)
    end = caller.offer("end", urgent=True)
    await eventually(lambda: caller.coalescer.waiting == 1)
    assert signals.batches == [[1]]
    signals.gate.set()
    await asyncio.gather(first, end)
    assert signals.batches == [[1], ["end"]]


async def test_without_a_window_each_envelope_is_sent_alone_at_once(signals):
    caller = callers(signals, window=0)
    signals.gate.clear()
    tasks = [caller.offer(number) for number in (1, 2, 3)]
    await eventually(lambda: len(signals.batches) == 3)
    signals.gate.set()
    await asyncio.gather(*tasks)
    assert signals.batches == [[1], [2], [3]]


async def test_a_failed_signal_fails_only_its_own_callers(signals):
    caller = callers(signals)
    await caller.offer(1)
    waiting = [caller.offer(number) for number in (2, 3)]
    await eventually(lambda: caller.coalescer.waiting == 2)
    signals.error = ConnectionError("no server")
    results = await asyncio.gather(*waiting, caller.offer("end", urgent=True), return_exceptions=True)
    assert results == [signals.error] * 3
    signals.error = None
    await caller.offer("again", urgent=True)
    assert signals.batches == [[1], [2, 3, "end"], ["again"]]


async def test_what_waits_behind_a_signal_without_an_answer_fails_with_it(signals):
    caller = callers(signals)
    signals.gate.clear()
    under_way = caller.offer(1)
    await eventually(lambda: signals.batches)
    waiting = [caller.offer(2), caller.offer("end", urgent=True)]
    await eventually(lambda: caller.coalescer.waiting == 2)

    signals.error = TemporalSilent("Temporal did not answer within 5 s")
    signals.gate.set()

    assert await asyncio.gather(under_way, *waiting, return_exceptions=True) == [signals.error] * 3
    assert signals.batches == [[1]]


async def test_the_same_envelope_twice_is_sent_once_and_answered_twice(signals):
    caller = callers(signals)
    await caller.offer(1)
    twins = [caller.offer(2), caller.offer(2)]
    await eventually(lambda: caller.coalescer.waiting == 1)
    await asyncio.gather(*twins, caller.offer("end", urgent=True))
    assert signals.batches == [[1], [2, "end"]]


async def test_a_waiting_envelope_repeated_as_urgent_is_sent_at_once(signals):
    caller = callers(signals)
    await caller.offer(1)
    waiting = caller.offer(2)
    await eventually(lambda: caller.coalescer.waiting == 1)
    await asyncio.gather(waiting, caller.offer(2, urgent=True))
    assert signals.batches == [[1], [2]]


async def test_a_full_signal_does_not_wait_for_the_window(signals):
    caller = callers(signals)
    await caller.offer(0)
    await asyncio.gather(*(caller.offer(number) for number in range(1, MAX_ENVELOPES + 1)))
    assert signals.batches == [[0], list(range(1, MAX_ENVELOPES + 1))]


async def test_envelopes_that_exceed_one_signal_are_sent_in_several_in_order(signals):
    caller = callers(signals)
    signals.gate.clear()
    tasks = [caller.offer(0)]
    await eventually(lambda: signals.batches)
    tasks += [caller.offer(number) for number in range(1, MAX_ENVELOPES + 9)]
    await eventually(lambda: caller.coalescer.waiting == MAX_ENVELOPES + 8)
    signals.gate.set()
    tasks.append(caller.offer("end", urgent=True))
    await asyncio.gather(*tasks)
    assert [len(numbers) for numbers in signals.batches] == [1, MAX_ENVELOPES, 9]
    assert [number for numbers in signals.batches for number in numbers] == [*range(MAX_ENVELOPES + 9), "end"]


async def test_large_envelopes_share_a_signal_only_up_to_its_limit(signals):
    caller = callers(signals)
    signals.gate.clear()
    tasks = [caller.offer(0)]
    await eventually(lambda: signals.batches)
    tasks += [caller.offer(number, padding="x" * (MAX_BYTES // 2 - 100)) for number in (1, 2, 3)]
    tasks.append(caller.offer(4, padding="x" * (MAX_BYTES + 1)))
    await eventually(lambda: caller.coalescer.waiting == 4)
    signals.gate.set()
    tasks.append(caller.offer("end", urgent=True))
    await asyncio.gather(*tasks)
    assert signals.batches == [[0], [1, 2], [3], [4], ["end"]]


async def test_the_envelope_of_a_cancelled_caller_is_still_sent(signals):
    caller = callers(signals)
    await caller.offer(1)
    cancelled = caller.offer(2)
    await eventually(lambda: caller.coalescer.waiting == 1)
    cancelled.cancel()
    await caller.offer("end", urgent=True)
    assert signals.batches == [[1], [2, "end"]]
    assert cancelled.cancelled()


@pytest.mark.parametrize("window", [0, NEVER])
async def test_a_cancelled_caller_does_not_stop_the_signal_under_way(signals, window):
    caller = callers(signals, window)
    signals.gate.clear()
    cancelled = caller.offer(1)
    await eventually(lambda: signals.batches)
    cancelled.cancel()
    await asyncio.wait({cancelled})
    assert not caller.coalescer.idle
    signals.gate.set()
    await caller.coalescer.drain()
    assert caller.coalescer.idle


async def test_drain_sends_waiting_envelopes_and_returns_when_all_are_sent(signals):
    caller = callers(signals)
    await caller.offer(1)
    waiting = [caller.offer(number) for number in (2, 3)]
    await eventually(lambda: caller.coalescer.waiting == 2)
    await caller.coalescer.drain()
    assert signals.batches == [[1], [2, 3]]
    await asyncio.gather(*waiting)
    assert caller.coalescer.idle


async def test_after_release_no_envelope_waits(signals):
    caller = callers(signals)
    caller.coalescer.release()
    for number in (1, 2, 3):
        await caller.offer(number)
    assert signals.batches == [[1], [2], [3]]


async def test_an_order_whose_window_has_ended_uses_no_memory(signals):
    caller = callers(signals, window=0.01)
    await asyncio.gather(*(caller.offer(number, to=f"order/{number}") for number in range(20)))
    await eventually(lambda: caller.coalescer.idle)
    assert caller.coalescer._queues == {}


async def test_urgent_envelopes_one_after_another_make_few_signals(signals):
    caller, loop = callers(signals), asyncio.get_running_loop()
    began = loop.time()
    for number in range(4):
        await caller.offer(number, urgent=True)
    assert loop.time() - began >= 3 * SIGNAL_PAUSE
    assert signals.batches == [[0], [1], [2], [3]]


async def test_full_signals_do_not_wait_for_the_pause(signals, monkeypatch):
    monkeypatch.setattr("baton.gateway.coalescer.SIGNAL_PAUSE", NEVER)
    caller = callers(signals)
    await caller.offer("first")
    async with asyncio.timeout(30):
        await asyncio.gather(*(caller.offer(number, urgent=True) for number in range(10 * MAX_ENVELOPES)))
    assert len(signals.sent) == 11


async def test_more_envelopes_than_may_wait_are_refused(signals):
    caller = callers(signals)
    signals.gate.clear()
    under_way = caller.offer("under way")
    await eventually(lambda: signals.sent)
    waiting = [caller.offer(number) for number in range(MAX_WAITING)]
    await eventually(lambda: caller.coalescer.waiting == MAX_WAITING)
    with pytest.raises(NotHandedOver, match="wait already"):
        await caller.offer("one too many")
    repeated = caller.offer(0)
    other = caller.offer("of another order", to="order/b")
    signals.gate.set()
    await caller.coalescer.drain()
    await asyncio.gather(under_way, *waiting, repeated, other)
    assert sum(map(len, signals.batches)) == MAX_WAITING + 2
