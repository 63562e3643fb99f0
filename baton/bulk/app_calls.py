"""Answers what an app asks about bulks: it has no ledger, so a worker looks."""

from baton.bulk.bulks import Bulks
from baton.bulk.request import BulkRequest
from baton.bulk.status import PAGE, SAMPLE, BulkCall, BulkReply, BulkStep, ChosenForBulk

_NOBODY = "an app without a name"


async def reply_to(call: BulkCall, bulks: Bulks) -> BulkReply:
    """Return the answer to a call; every call may be repeated.

    Raises:
        BatonError: What was asked for is not possible, or Temporal did not answer.
        LedgerError: The ledger did not answer.
    """
    match call.step:
        case BulkStep.START:
            return BulkReply(chosen=await _start(call, bulks))
        case BulkStep.SHOW:
            return BulkReply(bulks=[await bulks.status(call.id)])
        case BulkStep.STOP:
            return BulkReply(bulks=[await bulks.stop(call.id)])
        case BulkStep.RESUME:
            return BulkReply(bulks=[await bulks.resume(call.id)])
        case BulkStep.LIST:
            return BulkReply(bulks=await bulks.newest(call.limit))
        case BulkStep.RESULTS:
            await bulks.find(call.id)
            return BulkReply(results=await bulks.page(call.id, call.states, call.after, PAGE))


async def _start(call: BulkCall, bulks: Bulks) -> ChosenForBulk:
    chosen = await bulks.choose(call.request or BulkRequest.model_validate({}))
    names = [f"{row.account}/{row.reference}" for row in chosen.rows[:SAMPLE]]
    sample = ChosenForBulk(orders=len(chosen.rows), sample=names)
    if call.dry_run or not chosen.rows:
        return sample
    return sample.model_copy(update={"bulk": await bulks.start(chosen, call.by or _NOBODY, call.id)})
