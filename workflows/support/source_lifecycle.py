"""What a reusable address and a pay link have in common: one workflow for each, from its creation to its end.

    creating    create it at Orchestra, under one idempotency key for each generation
    enabled     wait until it is disabled; hear what a planned read found at Orchestra
    disabled    return the result; a source that never existed ends as a failed workflow instead

Updates and signals only add to what is to be done; `live` does it. A workflow of this kind is open for as long as its
address or link is.
"""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from baton.orders.messages import Refusal
from baton.orders.models import Reason, Resolution
from baton.orders.names import idempotency_key, placed_again_step
from baton.orders.rules.wait_plans import MAX_QUOTE_GENERATIONS, REQUOTE_PAUSE
from baton.sources.answers import SourceResult, SourceSnapshot
from baton.sources.at_orchestra import SourceAtOrchestra
from baton.sources.change import SourceChange
from baton.sources.create_source import CreateSource
from baton.sources.messages import CreateSourceCall, DisableSource, DisableSourceCall, SourceSeen
from baton.sources.names import CHANGE, CREATE, DISABLE, OBSERVE_SOURCE, RESOLVE_SOURCE, SOURCE
from baton.sources.rules.attention import SourceReason, apply_seen, clear_reasons, raise_reason, resolve_reasons
from baton.sources.rules.refused import source_result_or_failure
from baton.sources.rules.updates import (
    NOT_DISABLED,
    NOT_ENABLED,
    check_change,
    check_disable,
    check_same_source,
    check_source_resolution,
)
from baton.sources.snapshot import source_result_of, source_snapshot_of
from baton.sources.state import SourcePhase, SourceState
from workflows.support import source_calls
from workflows.support.source_publisher import SourcePublisher


class SourceLifecycle:
    """The base of the workflows of addresses and links; a subclass adds `run` alone, which calls `live`.

    Args:
        source: What the business creates.
    """

    def __init__(self, source: CreateSource) -> None:
        self._source = source
        self._state = source.state or SourceState(opened_at=workflow.now())
        self._publisher = SourcePublisher(source, self._state)
        self._seen: list[SourceSeen] = []
        self._disabling: DisableSource | None = None
        self._refusal: Refusal | None = None
        self._changing = 0

    async def live(self) -> SourceResult:
        """Create it, wait until it is disabled, and return the result, or fail if it was refused."""
        if self._state.phase is SourcePhase.CREATING:
            await self._create()
        while not self._state.is_closed:
            self._publisher.publish()
            await workflow.wait_condition(lambda: bool(self._seen or self._disabling or self._publisher.is_dirty))
            await self._do_what_came()
            await self._continue_as_new_if_long()
        self._publisher.publish()
        await self._publisher.written()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return source_result_or_failure(source_result_of(self._source, self._state))

    # -- creation

    async def _create(self) -> None:
        """Create it; after a temporary refusal pause before the next generation, after a definite one close."""
        while self._state.phase is SourcePhase.CREATING:
            answer = await self._answer_to_creation()
            self._state.create_generation += 1
            if isinstance(answer, SourceAtOrchestra):
                self._state.phase, self._state.created = SourcePhase.ENABLED, answer
                clear_reasons(self._state, SourceReason.CREATION_OVERDUE)
            elif answer.ask_anew and self._state.create_generation <= MAX_QUOTE_GENERATIONS:
                await workflow.sleep(REQUOTE_PAUSE, summary="before it is created again")
            elif self._source.enables:
                message = f"not enabled again, {answer.code}: {answer.message}"
                self._close(SourcePhase.DISABLED, Reason(code=NOT_ENABLED, message=message))
            else:
                self._close(SourcePhase.REFUSED, Reason(code=answer.code, message=answer.message))
        self._publisher.mark_dirty()

    async def _answer_to_creation(self) -> SourceAtOrchestra | Refusal:
        """Return Orchestra's answer under the key of this generation, however long that takes."""
        call = self._creation()
        verb = "enable" if self._source.enables else "create"
        summary = f"{verb} it at Orchestra, generation {self._state.create_generation}"
        answer = await source_calls.create_first(call, summary)
        answer = answer or await source_calls.create_again(call, summary, source_calls.PATIENCE)
        if answer is None:
            message = f"Orchestra has not answered whether it was {verb}d"
            self._raise(SourceReason.CREATION_OVERDUE, message)
            answer = await source_calls.create_again(call, summary, None)
        assert answer is not None
        return answer

    def _creation(self) -> CreateSourceCall:
        return CreateSourceCall(
            account=self._source.account,
            type=self._source.type,
            reference=self._source.reference,
            key=self._key("enable" if self._source.enables else "create", self._state.create_generation),
            request=self._source.request,
            enables=self._source.enables,
        )

    def _key(self, step: str, generation: int) -> str:
        info = workflow.info()
        if self._source.again:
            step = placed_again_step(step, info.first_execution_run_id, by_time=self._source.edition < 2)
        return idempotency_key(info.workflow_id, step, generation)

    # -- while it is enabled

    async def _do_what_came(self) -> None:
        for seen in self._seen:
            apply_seen(self._state, seen)
            self._publisher.mark_dirty()
        self._seen = []
        if self._disabling is not None:
            await self._disable(self._disabling)
            self._disabling = None

    async def _disable(self, request: DisableSource) -> None:
        """Disable it at Orchestra; a refusal leaves it enabled, and asks a person to look."""
        assert self._state.created is not None
        answer = await self._answer_to_disabling(self._state.created.orchestra_id)
        self._state.disable_generation += 1
        clear_reasons(self._state, SourceReason.DISABLE_OVERDUE)
        if isinstance(answer, Refusal):
            self._refusal = answer
            message = f"Orchestra refused to disable it: {answer.code}: {answer.message}"
            self._raise(SourceReason.DISABLE_REFUSED, message)
            return
        note = "" if answer else "; Orchestra did not know it any more"
        self._close(SourcePhase.DISABLED, Reason(code="disabled", message=f"{request.reason}{note}"))

    async def _answer_to_disabling(self, orchestra_id: str) -> bool | Refusal:
        """Return whether Orchestra knew it, or its refusal, however long that takes."""
        call = DisableSourceCall(
            account=self._source.account,
            type=self._source.type,
            orchestra_id=orchestra_id,
            key=self._key("disable", self._state.disable_generation),
        )
        answer = await source_calls.disable_source(call, "disable it at Orchestra", source_calls.PATIENCE)
        if answer is None:
            self._raise(SourceReason.DISABLE_OVERDUE, "Orchestra has not answered whether it was disabled")
            answer = await source_calls.disable_source(call, "disable it at Orchestra", None)
        assert answer is not None
        return answer

    def _raise(self, reason: SourceReason, message: str) -> None:
        raise_reason(self._state, reason, message, workflow.now())
        self._publisher.mark_dirty()
        self._publisher.publish()

    def _close(self, phase: SourcePhase, reason: Reason) -> None:
        self._state.phase, self._state.reason, self._state.closed_at = phase, reason, workflow.now()
        self._state.attentions.clear()
        self._publisher.mark_dirty()

    async def _continue_as_new_if_long(self) -> None:
        if self._state.is_closed or not workflow.info().is_continue_as_new_suggested():
            return
        if self._changing:  # its handler waits for the row
            self._publisher.publish()
        await self._publisher.written()
        await workflow.wait_condition(workflow.all_handlers_finished)
        if not (self._seen or self._disabling):
            workflow.continue_as_new(self._source.model_copy(update={"state": self._state}))

    # -- handlers: updates, the signal of a planned read, the query

    @workflow.update(name=CREATE, description="Create it, or return it if the same exists.")
    async def create(self, source: CreateSource) -> SourceSnapshot:
        """Return it once Orchestra has answered and the ledger knows it."""
        await workflow.wait_condition(lambda: self._publisher.was_answered)
        return self._snapshot()

    @create.validator
    def _may_create(self, source: CreateSource) -> None:
        check_same_source(self._source, source, self._state.change)

    @workflow.update(name=DISABLE, description="Let no further deposit or payment become an order.")
    async def disable(self, request: DisableSource) -> SourceSnapshot:
        """Return it once it is disabled, and the ledger knows that for the next deposit; refuse if Orchestra does."""
        refused_before = self._state.disable_generation
        self._disabling = self._disabling or request
        await workflow.wait_condition(lambda: self._state.is_closed or self._state.disable_generation > refused_before)
        if self._state.is_closed:
            if workflow.patched("disable-answers-once-recorded"):
                await workflow.wait_condition(lambda: self._publisher.is_settled)
            return self._snapshot()
        assert self._refusal is not None
        raise ApplicationError(f"not disabled, {self._refusal.code}: {self._refusal.message}", type=NOT_DISABLED)

    @disable.validator
    def _may_disable(self, request: DisableSource) -> None:
        check_disable(self._state)

    @workflow.update(name=CHANGE, description="Change the label, the metadata or the policy of its later orders.")
    async def change(self, change: SourceChange) -> SourceSnapshot:
        """Return it once the ledger has the change, so that the next order carries it."""
        known = self._state.change
        self._state.change = known.followed_by(change) if known else change
        self._publisher.mark_dirty()
        self._changing += 1
        await workflow.wait_condition(lambda: self._publisher.is_settled)
        self._changing -= 1
        return self._snapshot()

    @change.validator
    def _may_change(self, change: SourceChange) -> None:
        check_change(self._source, self._state, change)

    @workflow.update(name=RESOLVE_SOURCE, description="Record what was done about a reason, and clear it.")
    async def resolve(self, resolution: Resolution) -> SourceSnapshot:
        """Resolve a reason, or all; a read that finds the same does not raise it again."""
        resolve_reasons(self._state, resolution, workflow.now())
        self._publisher.mark_dirty()
        return self._snapshot()

    @resolve.validator
    def _may_resolve(self, resolution: Resolution) -> None:
        check_source_resolution(self._state, resolution)

    @workflow.signal(name=OBSERVE_SOURCE, description="What a planned read found at Orchestra.")
    def observe_source(self, seen: SourceSeen) -> None:
        """Take in what a planned read found."""
        self._seen.append(seen)

    @workflow.query(name=SOURCE, description="Everything known about it.")
    def source(self) -> SourceSnapshot:
        """Return everything known about it."""
        return self._snapshot()

    def _snapshot(self) -> SourceSnapshot:
        return source_snapshot_of(self._source, self._state)
