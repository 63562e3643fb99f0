"""What needs a person and is no order: addresses, pay links and claims, by their search attributes."""

from typing import NamedTuple

from baton.accounts.tokens import Caller
from baton.affiliates.names import CLAIM_WORKFLOW
from baton.gateway.ops.visit import Visit
from baton.gateway.parts import PATIENCE
from baton.orders.visibility import ATTENTION, ATTENTION_REASON
from baton.sources.names import ADDRESS_WORKFLOW, PAYLINK_WORKFLOW
from baton.temporal_calls import TemporalCalls

MOST = 50
"""How many are listed."""

_TYPES = ", ".join(repr(name) for name in (ADDRESS_WORKFLOW, PAYLINK_WORKFLOW, CLAIM_WORKFLOW))
_QUERY = f"ExecutionStatus = 'Running' AND {ATTENTION.name} = true AND WorkflowType IN ({_TYPES})"


class OtherAttention(NamedTuple):
    """An address, a pay link or a claim that needs a person, by the id of its workflow, and why."""

    workflow_id: str
    kind: str
    account: str
    reference: str
    reasons: list[str]


async def other_attention(visit: Visit, account: str | None) -> list[OtherAttention]:
    """Return what needs a person beside orders, of one account or of all that the token covers.

    Raises:
        Unreachable: Temporal did not answer.
    """
    return await TemporalCalls(visit.parts.client, PATIENCE).answer(_read(visit, account))


async def _read(visit: Visit, account: str | None) -> list[OtherAttention]:
    found: list[OtherAttention] = []
    async for execution in visit.parts.client.list_workflows(_QUERY, limit=10 * MOST):
        reasons = execution.typed_search_attributes.get(ATTENTION_REASON) or ()
        kind, owner, reference = execution.id.split("/", 2)
        line = OtherAttention(execution.id, kind, owner, reference, list(reasons))
        if _is_wanted(line, visit.caller, account):
            found.append(line)
    return found[:MOST]


def _is_wanted(line: OtherAttention, caller: Caller, account: str | None) -> bool:
    return caller.sees(line.account) and account in (None, line.account)
