"""`baton affiliate`: register, list, disable, balance, claim, claims, report."""

import uuid

import pytest

from tests.cli.command import Baton
from tests.end_to_end.affiliate_orders import ADDRESS, SHARE, closed, earned
from tests.end_to_end.world import World

TERMS = ("--fee-bps", "100", "--chain", "base", "--asset", "USDC", "--address", ADDRESS)


@pytest.fixture
async def friend(baton: Baton) -> str:
    """Register an affiliate of this test alone; return its id."""
    affiliate_id = f"friend-{uuid.uuid4().hex[:8]}"
    assert (await baton("affiliate", "register", affiliate_id, *TERMS)).code == 0
    return affiliate_id


async def test_an_affiliate_is_registered_listed_and_disabled(baton: Baton) -> None:
    people = await baton("affiliate", "register", "a-friend", *TERMS)
    programs = await baton("affiliate", "register", "a-friend", *TERMS, "--json")

    assert people.out == f"a-friend earns 100 basis points, paid out to {ADDRESS} (USDC on base)\n"
    assert (programs.json["affiliate_id"], programs.json["fee_bps"]) == ("a-friend", 100)
    assert "a-friend" in (await baton("affiliate", "list")).out
    assert (await baton("affiliate", "disable", "a-friend")).out == "a-friend is disabled\n"
    listed = (await baton("affiliate", "list", "--all", "--json")).json["affiliates"]
    assert [each["enabled"] for each in listed if each["affiliate_id"] == "a-friend"] == [False]
    assert "a-friend" not in (await baton("affiliate", "list")).out


async def test_a_balance_is_shown_claimed_and_reported(baton: Baton, world: World, friend: str) -> None:
    await earned(world, friend)

    before = await baton("affiliate", "balance", friend)
    claimed = await baton("affiliate", "claim", friend, "--json")
    await closed(world, friend)

    assert f"{friend}" in before.out
    assert "1.5984 USDC" in before.out
    assert claimed.code == 0
    assert (claimed.json["claim"]["amount"], claimed.json["found"]) == (str(2 * SHARE), False)
    table, lines = await baton("affiliate", "claims", friend), await baton("affiliate", "claims", friend, "--json")
    assert claimed.json["claim"]["id"] in table.out
    assert [each["status"] for each in lines.json["claims"]] == ["completed"]
    report = (await baton("affiliate", "report", "--json")).json
    (line,) = [line for line in report["lines"] if line["affiliate_id"] == friend]
    assert (line["earned"], line["claimed"], line["difference"]) == (str(2 * SHARE), str(2 * SHARE), 0)


async def test_a_difference_exits_1_and_is_said_in_words(baton: Baton, world: World, friend: str) -> None:
    await earned(world, friend)
    await earned(world, friend)
    fees = await world.ledger.fee_payouts.of_affiliate("default", friend)
    await world.ledger.fee_payouts.record([fees[0].model_copy(update={"affiliate_id": f"{friend}-x"})])
    assert (await baton("affiliate", "claim", friend)).code == 0

    report = await baton("affiliate", "report")

    assert report.code == 1
    expected = "claims took 1.5984 USDC more than the fees of the orders that Baton has seen"
    assert f"{friend} in base:USDC: {expected}" in report.err
    await world.ledger.fee_payouts.record(fees)
    await closed(world, friend)


async def test_a_refused_claim_exits_1_with_orchestras_code(baton: Baton, friend: str) -> None:
    answer = await baton("affiliate", "claim", friend, "--json")

    assert (answer.code, answer.error["code"]) == (1, "amount_too_small")
    people = await baton("affiliate", "claim", friend)
    assert people.err.startswith("error: the balance of")
    assert "; wait until the balance is at least $1" in people.err


async def test_wrong_usage_exits_2_and_names_the_argument(baton: Baton, friend: str) -> None:
    settlement = await baton("affiliate", "claim", friend, "--settlement", "spark", "--json")
    fee = await baton("affiliate", "register", "friend", "--fee-bps", "0", *TERMS[2:], "--json")

    assert (settlement.code, "CHAIN:ASSET" in settlement.error["message"]) == (2, True)
    assert (fee.code, fee.error["message"].startswith("fee_bps: is 0")) == (2, True)


async def test_without_fees_or_claims_a_note_says_so(baton: Baton, friend: str) -> None:
    balance, claims = await baton("affiliate", "balance", friend), await baton("affiliate", "claims", friend)

    assert (balance.code, balance.out, claims.out) == (0, "", "")
    assert balance.err == f"{friend} has no fees and no claims\n"
    assert claims.err == f"{friend} has no claims\n"
