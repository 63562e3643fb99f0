"""What people read in the Temporal UI about an address or a link. Pure; none of it costs an event."""

from baton.chains.decimals import decimals_of
from baton.encoding.times import date_and_time
from baton.encoding.units import in_words
from baton.orders.markdown import details_table
from baton.sources.answers import SourceSnapshot
from baton.sources.at_orchestra import SourceAtOrchestra
from baton.sources.create_source import CreateSource


def source_summary(source: CreateSource) -> str:
    """Return the line that names it in lists (at most 200 bytes)."""
    label = f", {source.label}" if source.label else ""
    text = f"{source.reference}: {source.type} {source.kind}, {source.route}{label}"
    return text.encode()[:200].decode("utf-8", "ignore")


def source_details(source: CreateSource) -> str:
    """Return its fixed facts as Markdown."""
    facts = [f"- {name}: {value}" for name, value in source.metadata.items()]
    lines = [
        f"**{source.type} {source.kind}** for partner account `{source.account}`, reference `{source.reference}`",
        "",
        f"- orders: `BatonSource = '{source.source.name}'`",
        f"- route: `{source.route}`",
        *facts,
    ]
    return "\n".join(lines)


def source_current_details(snapshot: SourceSnapshot) -> str:
    """Return its present state as a Markdown table."""
    created = snapshot.created
    rows = [
        ("phase", snapshot.phase.value),
        *[("attention", f"{raised.reason}: {raised.message}; {raised.remedy}") for raised in snapshot.attentions],
        ("at Orchestra", created.orchestra_id if created else None),
        ("share", created.short_url if created else None),
        ("asks for", amount_of_link(created) if created else None),
        *[(f"pay on {chain}", address) for chain, address in snapshot.addresses.items()],
        ("delivers", f"{created.destination} to {created.recipient}" if created and created.destination else None),
        ("fee, fixed", _bps(created.fee_bps) if created else None),
        ("slippage, fixed", _bps(created.slippage_bps) if created else None),
        ("last read", date_and_time(snapshot.observed_at) if snapshot.observed_at else None),
        ("reason", f"{snapshot.reason.code}: {snapshot.reason.message}" if snapshot.reason else None),
    ]
    return details_table(*rows)


def amount_of_link(created: SourceAtOrchestra) -> str | None:
    """Return what each payment of a link is about; None for an address."""
    if created.amount_fiat_usd is not None:
        return f"{created.amount_fiat_usd} US dollars from the payer"
    if created.amount_out is None:
        return None
    chain, _, asset = (created.destination or "").partition(":")
    return f"{in_words(created.amount_out, asset or 'the asset', decimals_of(chain, asset))} for the recipient"


def _bps(value: int | None) -> str | None:
    return None if value is None else f"{value} basis points"
