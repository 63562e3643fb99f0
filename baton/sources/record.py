"""The ledger's rows of an address or a link, made from its snapshot. Pure."""

from baton.ledger.rows import SourceAddressRow, SourceRow, recipient_in
from baton.sources.answers import SourceSnapshot


def source_row(snapshot: SourceSnapshot) -> SourceRow:
    """Return its row."""
    reason = snapshot.reason
    return SourceRow(
        account=snapshot.account,
        kind=snapshot.kind,
        reference=snapshot.reference,
        workflow_id=snapshot.workflow_id,
        orchestra_id=snapshot.created.orchestra_id if snapshot.created else None,
        recipient=recipient_in(snapshot.request),
        label=snapshot.label,
        request=snapshot.request,
        metadata=snapshot.metadata,
        policy=snapshot.policy.model_dump(mode="json"),
        enabled=snapshot.enabled,
        created_at=snapshot.opened_at,
        disabled_at=snapshot.closed_at,
        reason=f"{reason.code}: {reason.message}" if reason else None,
        attention=snapshot.attention.reason if snapshot.attention else None,
        revision=snapshot.revision,
        snapshot=snapshot.model_dump(mode="json"),
    )


def source_address_rows(snapshot: SourceSnapshot) -> list[SourceAddressRow]:
    """Return a row for each of its deposit addresses."""
    return [
        SourceAddressRow(
            account=snapshot.account,
            chain=chain,
            address=address,
            kind=snapshot.kind,
            reference=snapshot.reference,
            since=snapshot.opened_at,
        )
        for chain, address in snapshot.addresses.items()
    ]
