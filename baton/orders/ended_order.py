"""What a person must look at after an order has ended: the input and the standing of its attention workflow. Pure."""

from datetime import datetime

from pydantic import BaseModel

from baton.orders.models import Attention, Outcome, Resolution
from baton.orders.rules.attention import repeated, resolved_reasons
from baton.orders.state import Resolved

HANDLED_BY = "resolve each reason once it is dealt with; the order itself has ended"


class EndedOrder(BaseModel):
    """Input of the attention workflow: the order that has ended, and the reasons that it left open."""

    order_workflow_id: str
    outcome: Outcome | None = None
    attentions: list[Attention] = []
    resolutions: list[Resolved] = []


class AttentionStanding(BaseModel):
    """The reasons that are still open after an order's end, and those that a person resolved."""

    attentions: list[Attention] = []
    resolutions: list[Resolved] = []


def add_attention(standing: AttentionStanding, attention: Attention) -> AttentionStanding:
    """Return the standing with another reason; one that is open already stays, and names what is new."""
    open_reasons = {known.reason: known for known in standing.attentions}
    known = open_reasons.get(attention.reason)
    open_reasons[attention.reason] = repeated(known, attention.message) if known else attention
    return standing.model_copy(update={"attentions": list(open_reasons.values())})


def resolve_ended(standing: AttentionStanding, resolution: Resolution, now: datetime) -> AttentionStanding:
    """Return the standing after a person resolved a reason, or all."""
    open_reasons = {attention.reason: attention for attention in standing.attentions}
    reasons = resolved_reasons(open_reasons, resolution)
    done = [Resolved(at=now, reason=reason, note=resolution.note, by=resolution.by) for reason in reasons]
    left = [attention for attention in standing.attentions if attention.reason not in reasons]
    return AttentionStanding(attentions=left, resolutions=[*standing.resolutions, *done])
