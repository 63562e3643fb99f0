"""An operator stops submits or approvals: nothing is sent, orders say why they wait, and a release lets them go on."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from baton import (
    BatonClient,
    HoldList,
    HoldRefused,
    HoldUnknown,
    InvalidArgument,
    OrderRefused,
    Outcome,
    Phase,
    Placement,
)
from baton.holds.models import HeldOrders
from baton.holds.names import HOLDS_ID, RELEASED
from baton.orchestra.proofs import DepositProof
from tests.end_to_end.held_orders import WHY, follow_holds, held, held_order, hold, release_all
from tests.end_to_end.test_submitting import keys, orders_of, submit_calls
from tests.end_to_end.world import USDC_TO_BTC, World
from tests.eventually import eventually
from tests.shared_sandbox import shared_module

SOLANA = {"sourceChain": "solana", "sourceAsset": "USDC"}
ONRAMP = {
    "kind": "onramp",
    "sourceChain": "lightning",
    "sourceAsset": "BTC",
    "destinationChain": "spark",
    "destinationAsset": "USDB",
    "amount": "100000",
}


@pytest.fixture(scope="module", autouse=True)
async def the_worker_follows_the_holds(world: World) -> None:
    await follow_holds(world)


@pytest.fixture(autouse=True)
async def no_hold_outlives_its_test(world: World) -> AsyncIterator[None]:
    yield
    await release_all(world)


async def completed(world: World, placed: Placement) -> None:
    """Check that an order completed, as one order from one deposit, under its first key."""
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert len(await orders_of(world, placed)) == 1
    assert set(keys(await submit_calls(world, placed))) == {"submit/1"}


async def settled(world: World) -> None:
    """Wait until the releases of earlier tests are over, so that none of their orders is stopped again here."""
    await eventually(world.baton.holds, lambda found: not found.releasing, within=40)


async def signals_of(world: World, placed: Placement) -> list[str]:
    """Return the names of the signals that an order got."""
    history = await world.handle(placed).fetch_history()
    return [
        event.workflow_execution_signaled_event_attributes.signal_name
        for event in history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]


async def counted(world: World, hold_id: str) -> HeldOrders:
    (waiting,) = [line.waiting for line in (await world.baton.holds()).holds if line.hold.id == hold_id]
    assert waiting is not None
    return waiting


async def test_a_held_order_sends_nothing_and_says_why_it_waits(world: World) -> None:
    olga = BatonClient(world.environment.client, by="olga")
    stopped = (await olga.hold("submits", reason=WHY)).hold

    placed = await held_order(world)

    snapshot = await held(world, placed)
    assert (snapshot.phase, snapshot.attentions) == (Phase.SUBMITTING, [])
    assert snapshot.held is not None
    assert (snapshot.held.hold_id, snapshot.held.reason, snapshot.held.by) == (stopped.id, WHY, "olga")
    assert snapshot.waiting_for is not None
    assert snapshot.waiting_for.who == "operator"
    assert WHY in snapshot.waiting_for.what
    assert WHY in await world.details(placed.workflow_id)
    assert await submit_calls(world, placed) == []


async def test_a_release_lets_the_order_go_on_under_its_first_key(world: World) -> None:
    stopped = await hold(world)
    placed = await held_order(world)

    release = await world.baton.release(stopped.id, reason="the bridge is well")

    await completed(world, placed)
    assert (release.hold, release.reason, release.rate) == (stopped, "the bridge is well", None)
    assert (await world.snapshot(placed)).held is None


@pytest.mark.parametrize(
    "scope", [{"account": "default"}, {"route": "base"}, {"route": "base/USDC>spark/BTC"}, {"route": ">spark"}], ids=str
)
async def test_a_hold_stops_what_it_covers_and_nothing_else(world: World, scope: dict[str, Any]) -> None:
    await hold(world, **scope)
    await hold(world, account="nobody")
    await hold(world, route="tron")
    await hold(world, "approvals")

    placed = await held_order(world)
    other = None
    if "route" in scope and not scope["route"].startswith(">"):
        other = await world.place(**SOLANA)
        await world.deposit_and_report(other)

    if other is not None:
        await completed(world, other)
    assert (await world.snapshot(placed)).held is not None


async def test_an_order_behind_two_holds_goes_on_once_both_are_released(world: World) -> None:
    first = await hold(world, route="base")
    second = await hold(world, account="default")
    placed = await held_order(world)

    await world.baton.release(first.id, reason="one of two")
    again = await eventually(
        lambda: world.snapshot(placed), lambda found: found.held is not None and found.held.hold_id == second.id
    )
    assert again.held is not None
    assert await submit_calls(world, placed) == []
    await world.baton.release(second.id, reason="two of two")

    await completed(world, placed)


async def test_holds_that_are_released_together_leave_no_order_behind(world: World) -> None:
    holds = [await hold(world), await hold(world, route="base"), await hold(world, account="default")]
    waiting = [await held_order(world) for _ in range(3)]

    for stopped in holds:
        await world.baton.release(stopped.id, reason="all are released within a moment")

    await eventually(world.baton.holds, lambda found: not found.releasing)
    for placed in waiting:
        await completed(world, placed)


async def test_the_same_hold_again_is_one_fact_and_says_so(world: World) -> None:
    first = await world.baton.hold("submits", reason=WHY, route="base/USDC")
    again = await world.baton.hold("submits", reason="another reason", route="BASE:usdc")

    assert (first.known, again.known) == (False, True)
    assert (await world.baton.open_holds()) == [first.hold] == [again.hold]


async def test_what_waits_behind_each_hold_is_counted_asset_by_asset(world: World) -> None:
    await settled(world)
    everything = await hold(world)
    on_solana = await hold(world, route="solana")
    first = await held_order(world)
    await held_order(world, amount="50000000")
    await held_order(world, **SOLANA)

    all_of_it = await eventually(lambda: counted(world, everything.id), lambda found: found.count == 3)
    assert (all_of_it.oldest, all_of_it.oldest_account) == (first.reference, "default")
    amounts = {(each.chain, each.asset): (each.amount, each.decimals, each.orders) for each in all_of_it.amounts}
    assert amounts == {("base", "USDC"): (150_000_000, 6, 2), ("solana", "USDC"): (100_000_000, 6, 1)}
    assert (await counted(world, on_solana.id)).count == 1
    assert (await world.baton.holds(["nobody"])).holds[0].waiting == HeldOrders(hold_id=everything.id)


async def test_a_release_at_a_rate_keeps_it_and_the_oldest_goes_first(world: World) -> None:
    await settled(world)
    stopped = await hold(world)
    waiting = [await held_order(world) for _ in range(5)]
    await eventually(lambda: counted(world, stopped.id), lambda found: found.count == 5)

    begun = time.monotonic()
    await world.baton.release(stopped.id, reason="slowly", rate=4)
    fresh = await world.place()
    await world.deposit_and_report(fresh)
    await completed(world, fresh)
    assert RELEASED not in await signals_of(world, fresh), "a new order must not wait for the release"
    for placed in waiting:
        await completed(world, placed)

    assert time.monotonic() - begun >= 1
    assert RELEASED in await signals_of(world, waiting[0])
    calls = [call["idempotencyKey"] for call in await world.sandbox.requests("submit")]
    released = [next(at for at, key in enumerate(calls) if placed.reference in key) for placed in waiting]
    assert released == sorted(released)
    over = await eventually(world.baton.holds, lambda found: not found.releasing)
    assert (over.released[0].hold.id, over.released[0].rate) == (stopped.id, 4)
    assert over.released[0].released == 5
    assert over.released[0].finished_at is not None


async def test_a_release_that_is_too_slow_is_made_faster(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_module("workflows.holds"), "PART_SECONDS", 1.0)
    await settled(world)
    stopped = await hold(world)
    waiting = [await held_order(world) for _ in range(3)]
    await eventually(lambda: counted(world, stopped.id), lambda found: found.count == 3)
    await world.baton.release(stopped.id, reason="slowly", rate=0.5)
    await completed(world, waiting[0])

    changed = await world.http.post(f"/v1/holds/{stopped.id}/release", json={"reason": "faster", "rate": 100})

    assert (changed.status_code, changed.json()["rate"]) == (200, 100)
    for placed in waiting:
        await completed(world, placed)
    over = await eventually(world.baton.holds, lambda found: not found.releasing)
    assert (over.released[0].rate, over.released[0].released) == (100, 3)


async def test_during_a_slow_release_an_order_that_tries_again_keeps_its_turn(world: World) -> None:
    await settled(world)
    stopped = await hold(world)
    first, second = await held_order(world), await held_order(world)
    await eventually(lambda: counted(world, stopped.id), lambda found: found.count == 2)
    await world.baton.release(stopped.id, reason="very slowly", rate=0.2)
    await completed(world, first)

    await world.advance(second, seconds=61)

    tried = await eventually(lambda: world.snapshot(second), lambda found: found.held is None or found.held.looks == 2)
    assert tried.held is not None
    assert tried.held.hold_id == stopped.id
    assert (await world.baton.holds()).releasing[0].left == 1
    await completed(world, second)


async def test_an_order_that_nobody_told_of_the_release_tries_again_by_itself(world: World) -> None:
    stopped = await hold(world)
    placed = await held_order(world)
    row = await eventually(
        lambda: world.ledger.order(placed.workflow_id), lambda found: found is not None and found.hold == stopped.id
    )
    assert row is not None
    # A newer row hides the order from the release, so that it gets no signal.
    await world.ledger.write_order(row.model_copy(update={"hold": None, "revision": row.revision + 1}), [])
    await world.baton.release(stopped.id, reason="the signal gets lost")
    await eventually(world.baton.holds, lambda found: not found.releasing)
    assert (await world.snapshot(placed)).held is not None

    await world.advance(placed, seconds=61)

    await completed(world, placed)


async def test_a_signal_about_another_hold_changes_nothing(world: World) -> None:
    await hold(world)
    placed = await held_order(world)

    await world.handle(placed).signal(RELEASED, "hold-of-another")
    await world.baton.refresh(placed.reference)

    assert (await world.snapshot(placed)).held is not None
    assert await submit_calls(world, placed) == []


async def test_an_order_held_past_its_quotes_expiry_is_submitted_late(world: World) -> None:
    stopped = await hold(world)
    placed = await held_order(world, policy={"onQuoteExpiry": "expire"})
    await world.pass_expiry(placed)
    waiting = await held(world, placed)
    assert waiting.outcome is None
    assert waiting.waiting_for is not None
    assert "late or not" in waiting.waiting_for.then

    await world.baton.release(stopped.id, reason="the bridge is well")

    await completed(world, placed)


async def test_a_repeated_submit_stops_and_goes_on_with_the_next_key(world: World) -> None:
    placed = await world.place()
    proof = DepositProof(tx_hash="0x" + "ad" * 32)
    await world.baton.report_deposit(placed.reference, proof)
    await eventually(lambda: submit_calls(world, placed), lambda calls: len(calls) >= 2)
    stopped = await hold(world)
    await held(world, placed)
    used = keys(await submit_calls(world, placed))

    await world.sandbox.deposit(placed.quote_id, txHash=proof.tx_hash)
    await world.baton.release(stopped.id, reason="the bridge is well")

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    after = keys(await submit_calls(world, placed))
    assert after[: len(used)] == used
    assert len(set(after)) == len(after) == len(used) + 1


async def test_an_order_that_orchestra_makes_by_itself_ends_the_wait(world: World) -> None:
    await hold(world)
    placed = await world.place()
    await world.baton.report_deposit(placed.reference, DepositProof(tx_hash="0x" + "ce" * 32))
    await held(world, placed)

    await world.deposit(placed, detect=True)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert await submit_calls(world, placed) == []
    assert (await world.snapshot(placed)).held is None


async def test_a_held_order_can_be_neither_cancelled_nor_lost(world: World) -> None:
    stopped = await hold(world)
    placed = await held_order(world)

    with pytest.raises(OrderRefused, match="a deposit is known"):
        await world.baton.cancel(placed.reference)
    await world.baton.release(stopped.id, reason="the bridge is well")

    await completed(world, placed)


async def test_an_onramp_is_refused_at_once_and_can_be_placed_after_the_release(world: World) -> None:
    stopped = await hold(world)
    document = {**world.document(), **ONRAMP}

    with pytest.raises(OrderRefused, match="place it again once the hold is released") as refused:
        await world.baton.place(document)
    assert refused.value.code == "on_hold"
    assert WHY in refused.value.message
    await world.baton.release(stopped.id, reason="the bridge is well")

    placed = await eventually(lambda: world.baton.place(document))
    assert placed.outcome is None
    assert placed.deposit_address is not None


async def test_a_swap_is_quoted_during_a_hold(world: World) -> None:
    await hold(world)

    placed = await world.place()

    assert placed.deposit_address is not None
    assert (await world.snapshot(placed)).held is None


async def test_what_is_not_on_hold_cannot_be_released(world: World) -> None:
    stopped = await hold(world)
    await world.baton.release(stopped.id, reason="the bridge is well")

    with pytest.raises(HoldRefused, match="released already") as again:
        await world.baton.release(stopped.id, reason="again")
    with pytest.raises(InvalidArgument, match="rate: 1e-06 is too slow"):
        await world.baton.release(stopped.id, reason="nearly not at all", rate=1e-6)
    with pytest.raises(HoldUnknown, match="there is no hold 'hold-99'"):
        await world.baton.release("hold-99", reason="a slip")
    assert again.value.code == "hold_released"


@pytest.mark.parametrize(
    ("what", "arguments", "field"),
    [
        ("payouts", {"reason": WHY}, "what"),
        ("submits", {"reason": " "}, "reason"),
        ("submits", {"reason": "x" * 301}, "reason"),
        ("submits", {"reason": WHY, "route": "base>"}, "route"),
    ],
)
async def test_a_hold_that_cannot_be_right_is_not_sent(
    world: World, what: str, arguments: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field}: "):
        await world.baton.hold(what, **arguments)

    assert await world.baton.open_holds() == []


async def test_a_workflow_ended_by_hand_leaves_what_was_on_hold_on_hold(world: World) -> None:
    stopped = await hold(world)
    waiting = await held_order(world)
    await world.environment.client.get_workflow_handle(HOLDS_ID).terminate("by mistake")

    later = await held_order(world)
    again = await world.baton.hold("submits", reason="once more")
    assert (again.hold, again.known) == (stopped, True)
    await world.baton.release(stopped.id, reason="the bridge is well")

    for placed in (waiting, later):
        await completed(world, placed)


async def test_holds_and_releases_are_in_the_record_of_acts(world: World) -> None:
    olga = BatonClient(world.environment.client, by="olga")
    stopped = (await olga.hold("submits", reason=WHY, route="base", account="default")).hold
    await olga.release(stopped.id, reason="the bridge is well")

    async def acts() -> list[tuple[str, str | None, str | None, str | None]]:
        answer = await world.http.get("/v1/acts", params={"kind": "hold", "by": "olga", "limit": 2})
        return [(act["act"], act["account"], act["reference"], act["note"]) for act in answer.json()["acts"]]

    recorded = await eventually(acts, lambda found: bool(found) and found[0][0] == "release")
    assert recorded == [
        ("release", None, stopped.id, "the bridge is well"),
        ("hold", "default", "submits on base", WHY),
    ]


async def test_the_details_of_the_workflow_show_what_is_on_hold(world: World) -> None:
    stopped = await hold(world, route="base")

    assert f"| {stopped.id} | submits on base |" in await world.details(HOLDS_ID)
    await world.baton.release(stopped.id, reason="the bridge is well")
    details = await eventually(lambda: world.details(HOLDS_ID), lambda text: "**On hold**" not in text)
    assert "the bridge is well" in details


async def test_holds_over_the_api_have_the_same_models(world: World) -> None:
    body = {"what": "submits", "route": "base/USDC", "reason": WHY}
    placed = await world.http.post("/v1/holds", json=body)
    again = await world.http.post("/v1/holds", json=body)
    assert (placed.status_code, again.status_code) == (201, 200)
    hold_id = placed.json()["hold"]["id"]
    await held_order(world)

    listed = HoldList.model_validate((await world.http.get("/v1/holds")).json())
    assert [(line.hold.id, line.hold.by) for line in listed.holds] == [(hold_id, "tests")]
    released = await world.http.post(f"/v1/holds/{hold_id}/release", json={"reason": "well again", "rate": 50})
    assert (released.status_code, released.json()["rate"]) == (200, 50)
    twice = await world.http.post(f"/v1/holds/{hold_id}/release", json={"reason": "again"})
    unknown = await world.http.post("/v1/holds/hold-99/release", json={"reason": "a slip"})
    for body in ({"what": "submits", "reason": WHY, "account": "shp"}, {"reason": WHY, "rate": 1e-300}):
        wrong = await world.http.post("/v1/holds" if "what" in body else f"/v1/holds/{hold_id}/release", json=body)
        assert wrong.status_code in (404, 422), wrong.text
    assert [(twice.status_code, twice.json()["error"]["code"]), unknown.status_code] == [(409, "hold_released"), 404]


def test_the_orders_of_this_file_are_on_the_routes_that_it_holds() -> None:
    assert (USDC_TO_BTC["sourceChain"], USDC_TO_BTC["destinationChain"]) == ("base", "spark")
