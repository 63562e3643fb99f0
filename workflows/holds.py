"""The workflow of the holds: what an operator stopped, one a namespace, for ever.

The gate of each worker reads its memo, which changes in the same workflow task in which a request is answered: once
`baton hold` returns, the hold stands. A release tells the orders that wait, in parts of one activity each: if a worker
dies meanwhile, that costs some seconds, and no order is missed.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from baton.holds.details import holds_details
from baton.holds.models import HoldAnswer, HoldRelease, HoldsState, PlaceHold, ReleaseHold, ReleaseOrders
from baton.holds.names import HOLDS, PLACE_HOLD, RELEASE_HOLD
from baton.holds.rules import check_hold, check_release, note_released, place_hold, release_hold
from baton.holds.start import memo_of_holds
from workflows.support import hold_calls

PART_SECONDS = 10.0
"""How long one part of a release takes: its progress is shown after each."""

SETTLING = timedelta(seconds=2)
"""Within this time every worker has seen a release, and the ledger has the orders that were stopped before."""


class _Asked:
    """A request that waits for its answer."""

    def __init__(self, request: PlaceHold | ReleaseHold) -> None:
        self.request = request
        self.answer: HoldAnswer | HoldRelease | None = None
        self.refusal: ApplicationError | None = None

    @property
    def is_answered(self) -> bool:
        """Whether `run` has decided it."""
        return self.answer is not None or self.refusal is not None

    def outcome(self) -> HoldAnswer | HoldRelease:
        """Return the answer.

        Raises:
            ApplicationError: It was refused.
        """
        if self.refusal is not None:
            raise self.refusal
        assert self.answer is not None
        return self.answer


@workflow.defn
class HoldsWorkflow:
    """All holds; its id is `holds`."""

    @workflow.init
    def __init__(self, state: HoldsState) -> None:
        self._state = state
        self._asked: list[_Asked] = []
        self._releasing: dict[str, asyncio.Task[None]] = {}
        self._fault: Exception | None = None
        self._dirty = True
        self._stops = False

    @workflow.run
    async def run(self, state: HoldsState) -> None:
        """Answer requests and run releases, until somebody ends the workflow by hand."""
        while True:
            if self._fault is not None:
                raise RuntimeError("a release cannot continue") from self._fault  # keeps the workflow task retrying
            self._answer()
            self._start_releases()
            self._show()
            if workflow.info().is_continue_as_new_suggested():
                await self._continue_as_new()
            await workflow.wait_condition(lambda: bool(self._asked) or self._dirty or self._fault is not None)

    def _answer(self) -> None:
        """Decide every request, in the order in which they came."""
        asked, self._asked = self._asked, []
        for each in asked:
            try:
                each.answer = self._decide(each.request)
            except ApplicationError as refusal:
                each.refusal = refusal
            self._dirty = True

    def _decide(self, request: PlaceHold | ReleaseHold) -> HoldAnswer | HoldRelease:
        now = workflow.now()
        if isinstance(request, PlaceHold):
            check_hold(self._state, request)
            return place_hold(self._state, request, now)
        check_release(self._state, request)
        return release_hold(self._state, request, now).model_copy()

    def _start_releases(self) -> None:
        for release in self._state.releasing:
            running = self._releasing.get(release.hold.id)
            if running is None:
                self._releasing[release.hold.id] = asyncio.create_task(self._released(release))

    async def _released(self, release: HoldRelease) -> None:
        """Release what waits behind a hold; an error must be seen, because nobody awaits this task."""
        try:
            await self._release(release)
        except Exception as error:
            self._fault = error

    async def _release(self, release: HoldRelease) -> None:
        """Release the orders that wait, part by part, until none is left or the run ends."""
        while release.finished_at is None and not self._stops:
            if release.passes and release.last_opened_at is None:
                await workflow.sleep(SETTLING, summary=f"before {release.hold.id} is gone through once more")
            part = await hold_calls.release_orders(_next_part(release))
            note_released(self._state, release, part, workflow.now())
            self._dirty = True
        self._releasing.pop(release.hold.id, None)

    def _show(self) -> None:
        """Show what is on hold: to the workers in the memo, to people in the current details."""
        if self._dirty:
            self._dirty = False
            workflow.upsert_memo(memo_of_holds(self._state))
            workflow.set_current_details(holds_details(self._state))

    async def _continue_as_new(self) -> None:
        """Continue as new after the part under way; a request that comes meanwhile is answered first."""
        self._stops = True
        await workflow.wait_condition(lambda: bool(self._asked) or not self._releasing)
        await workflow.wait_condition(lambda: bool(self._asked) or workflow.all_handlers_finished())
        if not self._asked and not self._releasing:
            workflow.continue_as_new(self._state, memo=memo_of_holds(self._state))
        self._stops = False

    # -- handlers: they append, and `run` decides

    @workflow.update(name=PLACE_HOLD, description="Stop submits or approvals: for all, an account, a route.")
    async def hold(self, request: PlaceHold) -> HoldAnswer:
        """Return the hold once it stands."""
        answer = await self._ask(request)
        assert isinstance(answer, HoldAnswer)
        return answer

    @hold.validator
    def _may_hold(self, request: PlaceHold) -> None:
        check_hold(self._state, request)

    @workflow.update(name=RELEASE_HOLD, description="Release a hold, all at once or at a rate.")
    async def release(self, request: ReleaseHold) -> HoldRelease:
        """Return the release once the hold is taken away."""
        answer = await self._ask(request)
        assert isinstance(answer, HoldRelease)
        return answer

    @release.validator
    def _may_release(self, request: ReleaseHold) -> None:
        check_release(self._state, request)

    @workflow.query(name=HOLDS, description="All holds, releases under way, and the last releases.")
    def holds(self) -> HoldsState:
        """Return all holds."""
        return self._state

    async def _ask(self, request: PlaceHold | ReleaseHold) -> HoldAnswer | HoldRelease:
        asked = _Asked(request)
        self._asked.append(asked)
        await workflow.wait_condition(lambda: asked.is_answered)
        return asked.outcome()


def _next_part(release: HoldRelease) -> ReleaseOrders:
    """Return the call for the next orders; the second time through, for those that were stopped since the release."""
    return ReleaseOrders(
        hold_id=release.hold.id,
        rate=release.rate,
        seconds=PART_SECONDS,
        held_since=release.at if release.passes else None,
        last_opened_at=release.last_opened_at,
        last_workflow_id=release.last_workflow_id,
    )
