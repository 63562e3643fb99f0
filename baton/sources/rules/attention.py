"""Why an address or a link needs a person: reasons and remedies, and what a planned read found. Pure."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from baton.orders.models import Attention, Resolution
from baton.orders.rules.attention import resolved_reasons
from baton.orders.state import Resolved
from baton.sources.answers import SourceSnapshot
from baton.sources.at_orchestra import SourceAtOrchestra
from baton.sources.messages import SourceSeen
from baton.sources.state import SourceState


class SourceReason(StrEnum):
    """Why a person must look at an address or a link."""

    CREATION_OVERDUE = "creation_overdue"
    """Orchestra has not answered whether it was created."""
    DISABLE_OVERDUE = "disable_overdue"
    """Orchestra has not answered whether it was disabled."""
    DISABLE_REFUSED = "disable_refused"
    """Orchestra refused to disable it."""
    MISSING_AT_ORCHESTRA = "missing_at_orchestra"
    """Orchestra does not know it any more."""
    DISABLED_AT_ORCHESTRA = "disabled_at_orchestra"
    """Orchestra shows it as disabled, and the business did not disable it here."""
    CHANGED_AT_ORCHESTRA = "changed_at_orchestra"
    """Orchestra shows other terms or other addresses than it answered when it was created."""
    ADDRESS_HELD = "address_held"
    """Orchestra gave it an address that another one has, whose deposits become that one's orders."""
    WORKFLOW_STOPPED = "workflow_stopped"
    """Its workflow was stopped in Temporal, so that nobody disables or reads it any more."""


REMEDIES = {
    SourceReason.CREATION_OVERDUE: "check the account's key and Orchestra; Baton keeps asking",
    SourceReason.DISABLE_OVERDUE: "check the account's key and Orchestra; Baton keeps asking",
    SourceReason.DISABLE_REFUSED: "see Orchestra's refusal, then disable it again or ask Orchestra's support",
    SourceReason.MISSING_AT_ORCHESTRA: "take it away from customers, ask Orchestra's support, then disable it",
    SourceReason.DISABLED_AT_ORCHESTRA: "take it away from customers, then disable it here too",
    SourceReason.WORKFLOW_STOPPED: "find out who stopped it; disable it at Orchestra and use a new reference",
    SourceReason.ADDRESS_HELD: "use the other one, or disable it and then resolve this to take the address over",
    SourceReason.CHANGED_AT_ORCHESTRA: "check the change with Orchestra's support before customers pay again",
}
"""What a person can do about each reason."""

FINDINGS = (
    SourceReason.MISSING_AT_ORCHESTRA,
    SourceReason.DISABLED_AT_ORCHESTRA,
    SourceReason.CHANGED_AT_ORCHESTRA,
)
"""Reasons that a planned read finds, and that the next read clears if they are gone."""

_LASTING = (*FINDINGS, SourceReason.ADDRESS_HELD)
"""Reasons that are not raised again with the same message once a person resolved them."""

_COMPARED = (
    *("destination", "recipient", "fee_bps", "slippage_bps", "zeroconf_enabled"),
    *("short_url", "amount_out", "amount_fiat_usd"),
)


def raise_reason(state: SourceState, reason: SourceReason, message: str, now: datetime) -> None:
    """Ask a person to look; a reason that stands keeps its time, and its message becomes the newest."""
    since = state.attentions[reason].since if reason in state.attentions else now
    state.attentions[reason] = attention_for(reason, message, since)


def attention_for(reason: SourceReason, message: str, since: datetime) -> Attention:
    """Return an attention with the remedy of its reason."""
    return Attention(reason=reason, message=message, since=since, remedy=REMEDIES[reason])


def clear_reasons(state: SourceState, *reasons: SourceReason) -> None:
    """Clear these reasons; the others stand."""
    for reason in reasons:
        state.attentions.pop(reason, None)


def apply_seen(state: SourceState, seen: SourceSeen) -> None:
    """Raise what a planned read found and clear the rest; a finding that was resolved stays resolved."""
    state.observed_at = seen.read_at
    found = findings(state.created, seen.shown) if state.created else {}
    for reason in FINDINGS:
        if reason not in found:
            clear_reasons(state, reason)
            state.accepted.pop(reason, None)
        elif state.accepted.get(reason) != found[reason]:
            raise_reason(state, reason, found[reason], seen.read_at)


def note_held(state: SourceState, held: Mapping[str, str], now: datetime) -> bool:
    """Raise that its addresses are another one's, or clear it; return whether that changed anything.

    Args:
        state: The state of the address.
        held: The references of the others, by chain.
        now: The time.
    """
    reason = SourceReason.ADDRESS_HELD
    if not held:
        state.accepted.pop(reason, None)
        return state.attentions.pop(reason, None) is not None
    chains = ", ".join(f"the address on {chain} is that of {reference}" for chain, reference in sorted(held.items()))
    message = f"{chains}; its deposits become orders of that one"
    known = state.attentions.get(reason)
    if message in (state.accepted.get(reason), known.message if known else None):
        return False
    raise_reason(state, reason, message, now)
    return True


def findings(created: SourceAtOrchestra, shown: SourceAtOrchestra | None) -> dict[str, str]:
    """Return what differs at Orchestra since the creation: messages by reason. What Orchestra does not show is equal.

    Args:
        created: What Orchestra answered when it was created.
        shown: What Orchestra shows now; None if it does not know it.
    """
    if shown is None:
        return {SourceReason.MISSING_AT_ORCHESTRA: f"Orchestra does not know {created.orchestra_id} any more"}
    found: dict[str, str] = {}
    if shown.enabled is False:
        message = f"Orchestra shows {created.orchestra_id} as disabled, and nobody disabled it here"
        found[SourceReason.DISABLED_AT_ORCHESTRA] = message
    changes = [*_changed_terms(created, shown), *_changed_addresses(created, shown)]
    if changes:
        message = f"Orchestra shows other terms than at the creation: {'; '.join(changes)}"
        found[SourceReason.CHANGED_AT_ORCHESTRA] = message
    return found


def is_news(snapshot: SourceSnapshot, shown: SourceAtOrchestra | None) -> bool:
    """Whether a planned read found something else than an address or a link already shows."""
    if snapshot.created is None:
        return False
    accepted = {reason: message for reason, message in snapshot.accepted.items() if reason in FINDINGS}
    known = {raised.reason: raised.message for raised in snapshot.attentions if raised.reason in FINDINGS}
    return findings(snapshot.created, shown) != {**accepted, **known}


def _changed_terms(created: SourceAtOrchestra, shown: SourceAtOrchestra) -> list[str]:
    pairs = [(name, getattr(created, name), getattr(shown, name)) for name in _COMPARED]
    return [
        f"{name.replace('_', ' ')} {before} became {after}"
        for name, before, after in pairs
        if None not in (before, after) and before != after
    ]


def _changed_addresses(created: SourceAtOrchestra, shown: SourceAtOrchestra) -> list[str]:
    """Return the addresses that are gone or others now; an address for a further chain changes nothing."""
    if not shown.addresses:
        return []
    changes = []
    for chain, address in created.addresses.items():
        now = shown.addresses.get(chain)
        if now is None:
            changes.append(f"the address on {chain}, {address}, is gone")
        elif now != address:
            changes.append(f"the address on {chain}, {address}, became {now}")
    return changes


def resolve_reasons(state: SourceState, resolution: Resolution, now: datetime) -> None:
    """Record what a person did about a reason, or all, and clear it."""
    for reason in resolved_reasons(state.attentions, resolution):
        resolved = state.attentions.pop(reason)
        state.resolutions.append(Resolved(at=now, reason=reason, note=resolution.note, by=resolution.by))
        if reason in _LASTING:
            state.accepted[reason] = resolved.message
