"""What people read in the Temporal UI about claims: summaries and current details. Pure. None of it costs an event."""

from collections.abc import Sequence
from datetime import datetime

from baton.affiliates.messages import ClaimRequest, ClaimRoundResult, ClaimView
from baton.chains.decimals import decimals_of
from baton.encoding.times import date_and_time
from baton.encoding.units import in_words
from baton.orchestra.affiliate_models import AffiliateClaim
from baton.orders.markdown import details_table


def claim_summary(request: ClaimRequest) -> str:
    """Return the line that names a claim in lists."""
    balance = f" in {request.ledger}" if request.ledger else ""
    return f"claim the balance of affiliate {request.affiliate_id}{balance}"[:200]


def claim_details(view: ClaimView, waits: str | None, until: datetime | None) -> str:
    """Return where a claim stands as a Markdown table.

    Args:
        view: The claim.
        waits: What it waits for; None once it has ended.
        until: When an operator is asked to look.
    """
    claim, attention = view.claim, view.attention
    return details_table(
        ("what", f"the claim of affiliate {view.affiliate_id} of account {view.account}"),
        ("phase", view.phase.value),
        ("outcome", view.outcome.value if view.outcome else None),
        ("claim", claim.id if claim else None),
        ("found", "in the list of claims: the answer to the claim itself was lost" if view.found else None),
        ("amount", amount_of(claim) if claim else None),
        ("paid to", _destination(claim) if claim else None),
        ("status at Orchestra", claim.status if claim else None),
        ("transaction", claim.tx_hash if claim else None),
        ("error", claim.error_message if claim else None),
        ("refused", f"{view.refusal.code}: {view.refusal.message}" if view.refusal else None),
        ("attention", f"{attention.reason}: {attention.message}; {attention.remedy}" if attention else None),
        ("since", date_and_time(view.opened_at)),
        ("waits for", waits),
        ("until", f"{date_and_time(until)}, then an operator is asked to look" if until else None),
    )


def amount_of(claim: AffiliateClaim) -> str:
    """Return the amount of a claim in words."""
    where = f" on {claim.settlement_chain}" if claim.settlement_chain else ""
    if claim.amount is None:
        return f"an unknown amount{where}"
    asset = claim.settlement_asset or "its asset"
    return in_words(claim.amount, asset, decimals_of(claim.settlement_chain or "", asset)) + where


def round_details(result: ClaimRoundResult, policy: str) -> str:
    """Return what a round of planned claims found and did as a Markdown table."""
    rows: Sequence[tuple[str, str | None]] = [
        ("what", f"planned claims of account {result.account}"),
        ("settings", policy),
        ("refused", f"{result.refusal.code}: {result.refusal.message}" if result.refusal else None),
        *((f"{line.affiliate_id} in {line.ledger}", f"{line.balance}: {line.done}") for line in result.lines),
    ]
    return details_table(*rows)


def _destination(claim: AffiliateClaim) -> str | None:
    if claim.payout_address is None:
        return None
    return f"{claim.payout_asset or 'its asset'} on {claim.payout_chain or 'its chain'}, {claim.payout_address}"
