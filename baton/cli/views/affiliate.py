"""Affiliates, their balances and claims as people read them. Pure."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from baton.affiliates.messages import AffiliateReport, BalanceLine, ClaimView
from baton.chains.decimals import decimals_of
from baton.cli.views.layout import LOUD, table
from baton.cli.views.units import both_units, whole_units
from baton.cli.views.values import NOTHING, clean, moment
from baton.orchestra.affiliate_models import Affiliate, AffiliateClaim


def affiliate_text(affiliate: Affiliate) -> str:
    """Return an affiliate in one sentence."""
    return clean(f"{affiliate.affiliate_id} earns {affiliate.fee_bps} basis points, paid out to {_payout(affiliate)}")


def affiliates_table(affiliates: Sequence[Affiliate]) -> RenderableType:
    """Return a table of affiliates."""
    lines = table("affiliate", "fee, bps", "paid out to", "state", "registered")
    for each in affiliates:
        state = "disabled" if each.enabled is False else "enabled"
        cells = (each.affiliate_id, str(each.fee_bps or NOTHING), _payout(each), state, moment(each.created_at))
        lines.add_row(*(clean(cell) for cell in cells))
    return lines


def balances_table(balances: Sequence[BalanceLine]) -> RenderableType:
    """Return a table of what affiliates earned and what was claimed; a difference stands out."""
    lines = table("affiliate", "ledger", "earned", "fees", "claimed", "being paid", "difference", "balance")
    for line in balances:
        lines.add_row(
            Text(clean(line.affiliate_id)),
            Text(clean(ledger_of_line(line))),
            Text(_units(line.earned, line)),
            Text(f"{line.fees}{f' and {line.unknown_fees} of unknown share' if line.unknown_fees else ''}"),
            Text(_units(line.claimed, line)),
            Text(_units(line.paying, line)),
            Text(_units(line.difference, line), style=LOUD if line.difference else ""),
            Text(_units(line.balance, line)),
        )
    return lines


def difference_notes(report: AffiliateReport) -> Iterator[str]:
    """Yield what a person should know about a report: each difference in words, and what is missing."""
    for line in report.lines:
        name, amount = f"{line.affiliate_id} in {ledger_of_line(line)}", _units(abs(line.difference), line)
        if line.difference > 0:
            yield clean(f"{name}: claims took {amount} more than the fees of the orders that Baton has seen")
        elif line.difference < 0:
            yield clean(f"{name}: claims left out {amount} of the fees of orders that Baton has seen")
    if not report.complete:
        yield "the ledger does not have all orders yet, so fees may be missing; see `baton ledger rebuild`"
    if not report.lines:
        yield f"account {report.account} has no fees of affiliates and no claims"


def claims_table(claims: Sequence[AffiliateClaim]) -> RenderableType:
    """Return a table of claims."""
    lines = table("claim", "amount", "ledger", "status", "transaction", "claimed", "ended")
    for each in claims:
        ledger = f"{each.settlement_chain or NOTHING}:{each.settlement_asset or NOTHING}"
        amount = whole_units(each.amount, each.settlement_asset, _decimals(each)) or NOTHING
        times = moment(each.created_at), moment(each.completed_at)
        cells = (each.id, amount, ledger, each.status or NOTHING, each.tx_hash or each.error_message or NOTHING, *times)
        lines.add_row(*(clean(cell) for cell in cells))
    return lines


def claim_text(view: ClaimView) -> str:
    """Return a claim that Orchestra has made in one sentence."""
    claim = view.claim
    if claim is None:
        return f"the claim of {view.affiliate_id} is under way"
    amount = both_units(claim.amount, claim.settlement_asset, _decimals(claim)) or "its balance"
    found = "; its answer was lost, and it was found in the list of claims" if view.found else ""
    return clean(f"claim {claim.id} of {view.affiliate_id}: {amount}, {claim.status or 'made'}{found}")


def _decimals(claim: AffiliateClaim) -> int | None:
    return decimals_of(claim.settlement_chain or "", claim.settlement_asset or "")


def ledger_of_line(line: BalanceLine) -> str:
    """Return the chain and the asset of a balance."""
    return f"{line.chain or NOTHING}:{line.asset or NOTHING}"


def _units(value: int, line: BalanceLine) -> str:
    shown = whole_units(abs(value), line.asset, line.decimals) or NOTHING
    return f"-{shown}" if value < 0 else shown


def _payout(affiliate: Affiliate) -> str:
    chain = affiliate.payout_chain or affiliate.settlement_chain or NOTHING
    asset = affiliate.payout_asset or affiliate.settlement_asset or NOTHING
    return f"{affiliate.payout_address or affiliate.recipient_address or NOTHING} ({asset} on {chain})"
