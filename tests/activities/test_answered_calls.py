"""A call that has left for Orchestra is answered although its order no longer waits for it."""

import asyncio

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment

from activities.support.answered_calls import answered


class SlowCall:
    """A call whose answer the test sends."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.answer = asyncio.Event()

    async def __call__(self) -> str:
        self.left.set()
        await self.answer.wait()
        return "order"


async def cancelled(environment: ActivityEnvironment, call: SlowCall, *, by_workflow: bool) -> "asyncio.Task[str]":
    """Return an activity that makes the call and is then cancelled."""
    running = asyncio.ensure_future(environment.run(answered, call()))
    await call.left.wait()
    environment.cancel(ActivityCancellationDetails(cancel_requested=by_workflow, worker_shutdown=not by_workflow))
    return running


async def test_a_cancelled_activity_returns_the_answer_of_its_call() -> None:
    call = SlowCall()
    running = await cancelled(ActivityEnvironment(), call, by_workflow=True)
    await asyncio.sleep(0)
    assert not running.done()

    call.answer.set()

    assert await running == "order"


async def test_a_worker_that_shuts_down_does_not_wait_for_the_answer() -> None:
    running = await cancelled(ActivityEnvironment(), SlowCall(), by_workflow=False)

    with pytest.raises(asyncio.CancelledError):
        await running
