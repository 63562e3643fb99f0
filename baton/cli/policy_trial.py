"""What a ZeroConf policy makes of past offers: each judged as it came, with the exposure the policy itself built up.

Offers are taken in order of time. What the policy accepts counts towards the daily cap for the account's exposure
window, as it would have; what it would ask the business about counts for nothing, for nobody knows the answer. Pure.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pydantic import BaseModel

from baton.orchestra.rules.zeroconf import PENDING, Verdict, ZeroConfAction, ZeroConfOffer, ZeroConfPolicy, judge
from baton.orders.reports import ApprovalEnd, ApprovalReport
from baton.orders.rules.zeroconf import EXPOSURE_WINDOW


class PastOffer(BaseModel):
    """An offer with what became of it, if anything is known."""

    reference: str | None = None
    at: datetime
    """When it was made; of one that does not tell, when its order was."""
    offer: ZeroConfOffer
    report: ApprovalReport | None = None


class Trial(BaseModel):
    """A past offer and what the policy makes of it."""

    reference: str | None
    offer_id: str | None
    at: datetime
    deposit_sats: int | None
    cost_sats: int | None
    then: str | None
    """How it was dealt with: `accepted by policy`, ...; None where that is not known."""
    now: ZeroConfAction
    reasons: list[str]
    open_sats: int
    """Exposure that the policy had built up before this offer."""
    credit_sats: int
    """What it credits without a confirmation; 0 unless it accepts."""

    @property
    def differs(self) -> bool:
        """Tell whether the policy would have ended the offer otherwise; False where one of both is not known."""
        if self.then is None or self.now is ZeroConfAction.ASK:
            return False
        return (self.now is ZeroConfAction.ACCEPT) != self.then.startswith(ApprovalEnd.ACCEPTED.value)


class Totals(BaseModel):
    """What the policy comes to over all offers. Amounts in sats."""

    offers: int
    accepted: int
    declined: int
    asked: int
    lapsed: int
    changed: int
    """How many end otherwise than they did; those asked about are not counted."""
    credited_early_sats: int
    cost_sats: int
    """What the accepted offers cost, as far as they tell."""
    highest_exposure_sats: int
    untold: int = 0
    """Offers that were recorded without what it takes to judge them."""


def try_policy(policy: ZeroConfPolicy, offers: Iterable[PastOffer]) -> Iterator[Trial]:
    """Yield what the policy makes of each offer, oldest first."""
    credited: deque[tuple[datetime, int]] = deque()
    for past in sorted(offers, key=lambda one: one.at):
        while credited and credited[0][0] <= past.at - EXPOSURE_WINDOW:
            credited.popleft()
        open_sats = sum(sats for _, sats in credited)
        # What became of an offer since does not matter here: it is judged as it came.
        offer = past.offer.model_copy(update={"status": PENDING})
        verdict = judge(offer, policy, open_sats)
        trial = _trial(past, verdict, open_sats)
        if trial.credit_sats:
            credited.append((past.at, trial.credit_sats))
        yield trial


def _trial(past: PastOffer, verdict: Verdict, open_sats: int) -> Trial:
    report, accepts = past.report, verdict.action is ZeroConfAction.ACCEPT
    return Trial(
        reference=past.reference,
        offer_id=past.offer.quote_id,
        at=past.at,
        deposit_sats=past.offer.deposit_sats,
        cost_sats=past.offer.cost_sats,
        then=f"{report.end} by {report.by}" if report else None,
        now=verdict.action,
        reasons=verdict.reasons,
        open_sats=open_sats,
        credit_sats=past.offer.exposure_sats or 0 if accepts else 0,
    )


def totals(trials: Sequence[Trial], untold: int = 0) -> Totals:
    """Return what the trials come to; `untold` tells how many offers could not be judged."""
    accepted = [one for one in trials if one.now is ZeroConfAction.ACCEPT]
    count = {action: sum(one.now is action for one in trials) for action in ZeroConfAction}
    return Totals(
        offers=len(trials),
        accepted=len(accepted),
        declined=count[ZeroConfAction.DECLINE],
        asked=count[ZeroConfAction.ASK],
        lapsed=count[ZeroConfAction.LAPSE],
        changed=sum(one.differs for one in trials),
        credited_early_sats=sum(one.credit_sats for one in accepted),
        cost_sats=sum(one.cost_sats or 0 for one in accepted),
        highest_exposure_sats=max((one.open_sats + one.credit_sats for one in accepted), default=0),
        untold=untold,
    )
