"""The workflow of one round of planned claims: what an account's schedule starts, see docs/affiliates.md.

It looks at the balances of the account's affiliates and starts a claim for each one that the settings say is due. A
claim is a workflow of its own that outlives the round, under the id that all claims of its affiliate share: two rounds
at the same time start one claim, and a round that comes after finds it in the list of claims on which its plan stands.
"""

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError

from baton.affiliates.details import round_details
from baton.affiliates.messages import ClaimRequest, ClaimRound, ClaimRoundResult, PlannedClaim, RoundLine
from baton.affiliates.names import CLAIM_WORKFLOW
from baton.affiliates.start import claim_options
from baton.orders.messages import Refusal
from workflows.support import affiliate_calls


@workflow.defn
class ClaimRoundWorkflow:
    """One round; its id is `claims/{account}` and the time of its start."""

    @workflow.run
    async def run(self, round: ClaimRound) -> ClaimRoundResult:
        """Start the claims that are due, at most one for each affiliate."""
        due = await affiliate_calls.due_claims(round)
        result = ClaimRoundResult(account=round.account)
        if isinstance(due, Refusal):
            result.refusal = due
            workflow.set_current_details(round_details(result, "they could not be applied"))
            return result
        started: set[str] = set()
        for planned in due.planned:
            waits = planned.affiliate_id in started
            done = await self._decide(round.account, planned, waits=waits)
            if planned.due:
                started.add(planned.affiliate_id)
            result.lines.append(_line(planned, done))
        workflow.set_current_details(round_details(result, due.policy))
        return result

    async def _decide(self, account: str, planned: PlannedClaim, *, waits: bool) -> str:
        """Start a claim if it is due; return what was done in words."""
        if not planned.due:
            return f"left, {planned.why}"
        if waits:
            return "left to the next round, one claim of an affiliate is made at a time"
        request = ClaimRequest(
            account=account,
            affiliate_id=planned.affiliate_id,
            ledger=planned.ledger if planned.several else None,
            known=planned.known,
        )
        try:
            await workflow.start_child_workflow(
                CLAIM_WORKFLOW,
                request,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                **claim_options(request),
            )
        except WorkflowAlreadyStartedError:
            return "a claim of this affiliate is under way already"
        return f"claimed, {planned.why}"


def _line(planned: PlannedClaim, done: str) -> RoundLine:
    return RoundLine(affiliate_id=planned.affiliate_id, ledger=str(planned.ledger), balance=planned.balance, done=done)
