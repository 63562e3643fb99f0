"""Which balances the settings say to claim. Pure."""

from collections.abc import Sequence

from baton.affiliates.known_claims import known_claims
from baton.affiliates.messages import BalanceLine, PlannedClaim
from baton.affiliates.report import Decimals, SeenFee, balance_lines, worth_in_cents
from baton.orchestra.affiliate_models import AffiliateClaim
from baton.orchestra.rules.affiliates import ClaimPolicy, SettlementLedger


def planned_claims(
    lines: Sequence[BalanceLine], claims: Sequence[AffiliateClaim], policy: ClaimPolicy
) -> list[PlannedClaim]:
    """Return the decision about each balance of one affiliate; the largest that is due comes first.

    Args:
        lines: The affiliate's balances.
        claims: Its claims at Orchestra, on which the balances stand.
        policy: The account's settings.
    """
    known, open_lines = known_claims(claims), [line for line in lines if line.balance > 0]
    planned = [
        PlannedClaim(
            affiliate_id=line.affiliate_id,
            ledger=SettlementLedger(line.chain, line.asset),
            balance=line.balance,
            due=_is_due(line, policy),
            why=_why(line, policy),
            several=len(open_lines) > 1,
            known=known,
        )
        for line in open_lines
        if line.chain and line.asset
    ]
    return sorted(planned, key=lambda each: (not each.due, -each.balance))


def may_be_due(fees: Sequence[SeenFee], decimals: Decimals, policy: ClaimPolicy) -> bool:
    """Whether an affiliate has earned so much in all that a balance can be due, or something of unknown worth."""
    lines = balance_lines("", fees, [], decimals)
    worths = [worth_in_cents(line) for line in lines if line.balance > 0]
    return any(worth is None or worth >= policy.minimum_cents for worth in worths)


def _is_due(line: BalanceLine, policy: ClaimPolicy) -> bool:
    worth = worth_in_cents(line)
    return worth is not None and worth >= policy.minimum_cents


def _why(line: BalanceLine, policy: ClaimPolicy) -> str:
    worth = worth_in_cents(line)
    if worth is None:
        return f"the worth of {line.asset} on {line.chain} is not known; claim it by hand"
    relation = "reaches" if worth >= policy.minimum_cents else "is below"
    return f"${dollars(worth)} {relation} the minimum of ${dollars(policy.minimum_cents)}"


def dollars(cents: int) -> str:
    """Return US cents as dollars."""
    return f"{cents // 100}.{cents % 100:02d}"
