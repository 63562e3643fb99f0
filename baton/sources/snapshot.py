"""Snapshot and result of an address or a link, made from its state. Pure."""

from baton.sources.answers import SourceResult, SourceSnapshot
from baton.sources.create_source import CreateSource
from baton.sources.names import source_workflow_id
from baton.sources.state import SourceState


def source_snapshot_of(source: CreateSource, state: SourceState) -> SourceSnapshot:
    """Return everything known about an address or a link, as it is after all changes."""
    source = source.changed_by(state.change)
    return SourceSnapshot(
        workflow_id=source_workflow_id(source.kind, source.account, source.reference),
        account=source.account,
        kind=source.kind,
        reference=source.reference,
        type=source.type,
        request=source.request.wire(),
        label=source.label,
        metadata=source.metadata,
        policy=source.policy,
        route=source.route,
        phase=state.phase,
        reason=state.reason,
        created=state.created,
        attention=state.attention,
        attentions=list(state.attentions.values()),
        resolutions=state.resolutions,
        accepted=state.accepted,
        revision=state.revision,
        opened_at=state.opened_at,
        closed_at=state.closed_at,
        observed_at=state.observed_at,
    )


def source_result_of(source: CreateSource, state: SourceState) -> SourceResult:
    """Return the result of a closed address or link."""
    return SourceResult(phase=state.phase, reason=state.reason, snapshot=source_snapshot_of(source, state))
