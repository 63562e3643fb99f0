"""`baton policy try`: what a ZeroConf policy would decide about past offers."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from baton.cli.trials import past_offers as history
from baton.cli.trials.past_offers import past_offers
from baton.cli.trials.policy import PastOffer, judge_offers, totals
from baton.ledger.ledger import Ledger
from baton.ledger.rows import OrderRow
from baton.orchestra.rules.zeroconf import ZeroConfOffer, ZeroConfPolicy
from baton.orders.models import Outcome
from baton.orders.reports import ApprovalReport
from tests.cli.command import Baton
from tests.end_to_end.test_zeroconf import BITCOIN, GENEROUS
from tests.end_to_end.world import World

START = datetime(2026, 3, 1, tzinfo=UTC)
DECIDE = {"mode": "decide", "maxFeeBps": 100, "minConfirmationProbability": 0.9}


def offer(hours: float = 0, **fields: Any) -> dict[str, Any]:
    made = {
        "status": "accepted",
        "quoteId": f"zc_{hours}",
        "depositSats": "250000",
        "instantSats": "248000",
        "feeSats": "2000",
        "confirmationProbability": 0.97,
        "offeredAt": (START + timedelta(hours=hours)).isoformat(),
    }
    return made | fields


def past(hours: float, end: str | None = None, **fields: Any) -> PastOffer:
    read = ZeroConfOffer.model_validate(offer(hours, **fields))
    report = ApprovalReport(offer_id=read.quote_id, end=end, by="policy") if end else None
    return PastOffer(at=START + timedelta(hours=hours), offer=read, report=report)


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


def row(number: int, **fields: Any) -> OrderRow:
    at = START + timedelta(hours=number)
    return OrderRow(
        workflow_id=f"order/default/{number}",
        account=fields.pop("account", "default"),
        reference=str(number),
        phase="closed",
        created_at=at,
        updated_at=at,
        revision=1,
        snapshot={"approvals": fields.pop("approvals", [])},
    )


def report(hours: float) -> dict[str, Any]:
    declined = ApprovalReport(end="declined", by="policy", offer=ZeroConfOffer.model_validate(offer(hours)))
    return declined.model_dump(mode="json")


@pytest.fixture
async def ledger(tmp_path: Any) -> Any:
    async with await Ledger.open(f"sqlite:///{tmp_path / 'own.db'}") as opened:
        yield opened


async def test_past_offers_come_from_every_page_of_the_ledger(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", 2)
    for number in range(5):
        await ledger.write_order(row(number, approvals=[report(number)]), [])
    await ledger.write_order(row(9, account="other", approvals=[report(9)]), [])
    await ledger.write_order(row(10, approvals=[{"end": "lapsed", "by": "policy"}]), [])
    await ledger.write_order(row(11, approvals=[{"end": "of a later version", "by": "policy"}]), [])
    progress: list[str] = []

    found = await past_offers(ledger, "default", None, progress.append)

    assert sorted(offer.reference or "" for offer in found.offers) == ["0", "1", "2", "3", "4"]
    assert found.incomplete == 1
    assert progress[-1] == "7 orders read, 5 offers found"


async def test_since_filters_by_offer_time_and_ends_the_search(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", 1)
    for number, offered in ((0, 0), (1000, 1000), (1300, 2001), (2000, 2000)):
        await ledger.write_order(row(number, approvals=[report(offered)]), [])
    progress: list[str] = []

    found = await past_offers(ledger, "default", START + timedelta(hours=1990), progress.append)

    assert sorted(offer.reference or "" for offer in found.offers) == ["1300", "2000"]
    assert len(progress) == 3


async def test_a_policy_is_tried_on_the_offers_in_the_ledger(world: World, baton: Baton) -> None:
    placed = await world.place(scenario="zeroconf_accept_path", **BITCOIN, policy={"zeroconf": GENEROUS})
    await world.deposit_and_report(placed)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    (baton.folder / "strict.json").write_text(json.dumps({"mode": "decide", "maxFeeBps": 0}))
    (baton.folder / "same.json").write_text(json.dumps(GENEROUS))

    strict = await baton("policy", "try", "strict.json", "--history", "--json")
    same = await baton("policy", "try", "same.json", "--history", "--json")
    people = await baton("policy", "try", "strict.json", "--history", "--since", "P1D")

    (was,) = [offer for offer in strict.json["offers"] if offer["reference"] == placed.reference]
    assert (was["then"], was["now"]) == ("accepted by policy", "decline")
    assert was["reasons"][0].startswith("maxFeeBps: ")
    (kept,) = [offer for offer in same.json["offers"] if offer["reference"] == placed.reference]
    assert kept["now"] == "accept"
    assert strict.json["totals"]["changed"] >= 1
    assert same.json["totals"]["credited_early_sats"] >= kept["credit_sats"] > 0
    assert placed.reference in people.out
    assert "decided differently than then" in people.out


async def test_an_offer_file_may_be_an_offer_an_order_or_a_webhook(alone: Baton) -> None:
    (alone.folder / "policy.json").write_text(json.dumps(DECIDE))
    tried = ("policy", "try", "policy.json", "--offer", "-", "--json")
    for document in (offer(), {"order": {"id": "o", "zeroconfOffer": offer()}}, {"data": {"zeroconfOffer": offer()}}):
        answer = await alone(*tried, stdin=json.dumps(document))
        assert answer.code == 0
        assert answer.json["offers"][0]["now"] == "accept"
        assert answer.json["offers"][0]["then"] is None


async def test_without_a_policy_file_the_accounts_own_policy_is_tried(alone: Baton) -> None:
    (alone.folder / "partners.toml").write_text('[accounts.shop]\nzeroconf = { mode = "lapse" }\n')
    answer = await alone(
        "policy", "try", "--account", "shop", "--offer", "-", "--json",
        stdin=json.dumps(offer()), BATON_PARTNERS_FILE="partners.toml",
    )  # fmt: skip

    assert answer.json["policy"]["mode"] == "lapse"
    assert answer.json["offers"][0]["now"] == "lapse"


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "complaint"),
    [
        (["--json"], "", "usage", "give --history"),
        (["--history", "--offer", "-", "--json"], "", "usage", "give --history"),
        (["--offer", "-", "--since", "P1D", "--json"], "", "usage", "give --history"),
        (["-", "--history", "--json"], '{"maxFeeBpz": 1}', "invalid_policy", "maxFeeBpz is not a field"),
        (["-", "--history", "--json"], '{"maxFeeBps": -1}', "invalid_policy", "maxFeeBps"),
        (["-", "--history", "--json"], "[]", "invalid_policy", "stdin must hold one JSON object: the policy"),
        (["--offer", "-", "--json"], "{}", "invalid_offer", "depositSats is missing"),
        (["--history", "--since", "yesterday", "--json"], "", "invalid_since", "P7D"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
async def test_invalid_policy_or_offer_input_is_wrong_usage(
    alone: Baton, arguments: list[str], stdin: str, code: str, complaint: str
) -> None:
    answer = await alone("policy", "try", *arguments, stdin=stdin)

    assert (answer.code, answer.error["code"]) == (2, code)
    assert complaint in answer.error["message"]


async def test_history_without_a_ledger_fails_and_creates_none(alone: Baton) -> None:
    answer = await alone("policy", "try", "--history", "--json")

    assert (answer.code, answer.error["code"]) == (3, "ledger_unavailable")
    assert not (alone.folder / ".baton").exists()
