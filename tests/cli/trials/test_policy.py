"""What a ZeroConf policy would decide about past offers. Pure."""

from datetime import timedelta
from typing import Any

from baton.cli.trials.policy import PastOffer, judge_offers, totals
from baton.orchestra.rules.zeroconf import ZeroConfOffer, ZeroConfPolicy
from baton.orders.reports import ApprovalReport
from tests.cli.trials.offers import DECIDE, START, offer


def past(hours: float, end: str | None = None, **fields: Any) -> PastOffer:
    past_offer = ZeroConfOffer.model_validate(offer(hours, **fields))
    report = ApprovalReport(offer_id=past_offer.quote_id, end=end, by="policy") if end else None
    return PastOffer(at=START + timedelta(hours=hours), offer=past_offer, report=report)


def policy(**fields: Any) -> ZeroConfPolicy:
    return ZeroConfPolicy.model_validate({**DECIDE, **fields})


def test_the_daily_cap_counts_what_the_policy_accepted_in_24_hours() -> None:
    offers = [past(30), past(0), past(1), past(23.9), past(24.1)]

    trials = list(judge_offers(policy(dailyCapSats="500000"), offers))

    assert [trial.now for trial in trials] == ["accept", "accept", "decline", "accept", "accept"]
    assert [trial.open_sats for trial in trials] == [0, 248000, 496000, 248000, 248000]
    sums = totals(trials)
    assert (sums.accepted, sums.declined) == (4, 1)
    assert sums.credited_early_sats == 4 * 248000
    assert sums.cost_sats == 4 * 2000
    assert sums.highest_exposure_sats == 2 * 248000


def test_offers_to_ask_about_do_not_count_as_accepted() -> None:
    trials = list(judge_offers(policy(mode="ask"), [past(0, "accepted"), past(1)]))

    sums = totals(trials, untold=2)

    assert (sums.asked, sums.accepted, sums.credited_early_sats, sums.changed, sums.untold) == (2, 0, 0, 0, 2)


def test_a_different_decision_is_counted_as_changed() -> None:
    offers = [past(0, "accepted"), past(1, "declined"), past(2, "accepted", feeSats="9000", instantSats="241000")]

    trials = list(judge_offers(policy(), offers))

    assert [trial.differs for trial in trials] == [False, True, True]
    assert totals(trials).changed == 2
