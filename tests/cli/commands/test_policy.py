"""`baton policy try`: what a ZeroConf policy would decide about past offers."""

import json

import pytest

from baton.orders.models import Outcome
from tests.cli.command import Baton
from tests.cli.trials.offers import DECIDE, offer
from tests.end_to_end.test_zeroconf import BITCOIN, GENEROUS
from tests.end_to_end.world import World


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
