"""Which claims are new: how a claim whose answer was lost is found again. Pure."""

from collections.abc import Iterable

from baton.affiliates.messages import KnownClaims
from baton.orchestra.affiliate_models import AffiliateClaim
from baton.orchestra.rules.affiliates import SettlementLedger, counts, ledger_of

MAX_KNOWN = 200
"""Claims that are remembered by their ids."""


def known_claims(claims: Iterable[AffiliateClaim]) -> KnownClaims:
    """Return what to remember of the claims that there are now."""
    everything = sorted(claims, key=lambda claim: claim.created_at.timestamp() if claim.created_at else 0)
    times = [claim.created_at for claim in everything if claim.created_at]
    named = everything[-MAX_KNOWN:]
    return KnownClaims(
        ids=[claim.id for claim in named],
        newest=max(times, default=None),
        all_named=len(named) == len(everything),
    )


def new_claim(
    claims: Iterable[AffiliateClaim], known: KnownClaims, ledger: SettlementLedger | None
) -> AffiliateClaim | None:
    """Return the claim that was made since, of that ledger if one is given; the newest if there are several.

    A failed claim has paid nothing, so it is returned only if there is no other.
    """
    new = [claim for claim in claims if _is_new(claim, known) and ledger in (None, ledger_of(claim) or ledger)]
    dated = sorted(new, key=lambda claim: claim.created_at.timestamp() if claim.created_at else 0)
    paid = [claim for claim in dated if counts(claim)]
    candidates = paid or dated
    return candidates[-1] if candidates else None


def _is_new(claim: AffiliateClaim, known: KnownClaims) -> bool:
    if claim.id in known.ids:
        return False
    if known.all_named or known.newest is None or claim.created_at is None:
        return True
    return claim.created_at >= known.newest
