"""What a ZeroConf policy would decide about past offers. Pure.

Offers are judged in order of time. What the policy accepts counts towards the daily cap for the account's exposure
window, as it would have in production. An offer that the policy would ask the business about counts for nothing,
because the answer is unknown.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pydantic import BaseModel

from baton.orchestra.rules.zeroconf import PENDING, Verdict, ZeroConfAction, ZeroConfOffer, ZeroConfPolicy, judge
from baton.orders.reports import ApprovalEnd, ApprovalReport
from baton.orders.rules.zeroconf import EXPOSURE_WINDOW


class PastOffer(BaseModel):
    """An offer and, if known, how it ended."""

    reference: str | None = None
    at: datetime
    """When the offer was made; if it does not say, when its order was created."""
    offer: ZeroConfOffer
    report: ApprovalReport | None = None


class Trial(BaseModel):
    """A past offer and what the policy would decide."""

    reference: str | None
    offer_id: str | None
    at: datetime
    deposit_sats: int | None
    cost_sats: int | None
    then: str | None
    """How the offer ended, such as `accepted by policy`; None if that is not known."""
    now: ZeroConfAction
    reasons: list[str]
    open_sats: int
    """Exposure from earlier offers that the policy accepted."""
    credit_sats: int
    """What the policy credits without a confirmation; 0 unless it accepts."""

    @property
    def differs(self) -> bool:
        """Whether the policy decides differently than was decided then; False if either decision is unknown."""
        if self.then is None or self.now is ZeroConfAction.ASK:
            return False
        return (self.now is ZeroConfAction.ACCEPT) != self.then.startswith(ApprovalEnd.ACCEPTED.value)


class Totals(BaseModel):
    """The sums over all offers. Amounts in sats."""

    offers: int
    accepted: int
    declined: int
    asked: int
    lapsed: int
    changed: int
    """How many the policy decides differently than was decided then; offers it would ask about do not count."""
    credited_early_sats: int
    cost_sats: int
    """Cost of the accepted offers, where an offer states it."""
    highest_exposure_sats: int
    untold: int = 0
    """Offers that were recorded without the figures needed to judge them."""


def judge_offers(policy: ZeroConfPolicy, offers: Iterable[PastOffer]) -> Iterator[Trial]:
    """Yield what the policy would decide about each offer, oldest first."""
    credited: deque[tuple[datetime, int]] = deque()
    for past in sorted(offers, key=lambda offer: offer.at):
        while credited and credited[0][0] <= past.at - EXPOSURE_WINDOW:
            credited.popleft()
        open_sats = sum(sats for _, sats in credited)
        # An offer is judged as it was when it arrived, so its later status must not matter.
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
    """Return the sums of the trials; `untold` is the number of offers that could not be judged."""
    accepted = [trial for trial in trials if trial.now is ZeroConfAction.ACCEPT]
    count = {action: sum(trial.now is action for trial in trials) for action in ZeroConfAction}
    return Totals(
        offers=len(trials),
        accepted=len(accepted),
        declined=count[ZeroConfAction.DECLINE],
        asked=count[ZeroConfAction.ASK],
        lapsed=count[ZeroConfAction.LAPSE],
        changed=sum(trial.differs for trial in trials),
        credited_early_sats=sum(trial.credit_sats for trial in accepted),
        cost_sats=sum(trial.cost_sats or 0 for trial in accepted),
        highest_exposure_sats=max((trial.open_sats + trial.credit_sats for trial in accepted), default=0),
        untold=untold,
    )
