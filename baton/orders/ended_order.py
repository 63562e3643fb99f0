"""What a person must look at after an order has ended: the input and the standing of its attention workflow. Pure."""

from datetime import datetime

from pydantic import BaseModel

from baton.orders.answers import Snapshot
from baton.orders.models import Attention, ClearedAttention, Outcome, Resolution, foremost
from baton.orders.rules.attention import next_number, repeated, resolved_reasons
from baton.orders.state import Resolved

HANDLED_BY = "resolve each reason once it is dealt with; the order itself has ended"


class EndedOrder(BaseModel):
    """Input of the attention workflow: the order that has ended, and the reasons that it left open."""

    order_workflow_id: str
    outcome: Outcome | None = None
    attentions: list[Attention] = []
    resolutions: list[Resolved] = []
    cleared: list[ClearedAttention] = []


class AttentionStanding(BaseModel):
    """The reasons that are still open after an order's end, and those that a person resolved."""

    attentions: list[Attention] = []
    resolutions: list[Resolved] = []
    cleared: list[ClearedAttention] = []
    """The reasons that no longer stand; those that the order itself had are among them only if they were given."""


class RecordAttention(BaseModel):
    """Write into the ledger what needs a person after an order's end."""

    order_workflow_id: str
    standing: AttentionStanding


def add_attention(standing: AttentionStanding, attention: Attention) -> AttentionStanding:
    """Return the standing with another reason; one that is open already stays, and names what is new."""
    open_reasons = {known.reason: known for known in standing.attentions}
    known = open_reasons.get(attention.reason)
    number = max(attention.number, next_number(standing.cleared, attention.reason))
    added = repeated(known, attention.message) if known else attention.model_copy(update={"number": number})
    open_reasons[attention.reason] = added
    return standing.model_copy(update={"attentions": list(open_reasons.values())})


def resolve_ended(standing: AttentionStanding, resolution: Resolution, now: datetime) -> AttentionStanding:
    """Return the standing after a person resolved a reason, or all."""
    open_reasons = {attention.reason: attention for attention in standing.attentions}
    reasons = resolved_reasons(open_reasons, resolution)
    done = [Resolved(at=now, reason=reason, note=resolution.note, by=resolution.by) for reason in reasons]
    ended = [
        ClearedAttention(reason=reason, number=known.number, since=known.since, at=now)
        for reason, known in open_reasons.items()
        if reason in reasons
    ]
    return AttentionStanding(
        attentions=[attention for attention in standing.attentions if attention.reason not in reasons],
        resolutions=[*standing.resolutions, *done],
        cleared=[*standing.cleared, *ended],
    )


def with_standing(order: Snapshot, standing: AttentionStanding) -> Snapshot:
    """Return the snapshot of an ended order with the attention as it stands now."""
    earlier = [done for done in order.resolutions if done not in standing.resolutions]
    cleared = {(each.reason, each.number): each for each in [*order.cleared, *standing.cleared]}
    update = {
        "attentions": standing.attentions,
        "attention": foremost({attention.reason: attention for attention in standing.attentions}),
        "resolutions": [*earlier, *standing.resolutions],
        "cleared": list(cleared.values()),
    }
    return order.model_copy(update=update)
