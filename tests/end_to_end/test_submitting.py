"""A deposit becomes one order, even if calls fail on the way."""

import pytest

from baton.errors import OrderRefused
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from tests.end_to_end.world import World
from tests.eventually import eventually


async def submit_calls(world: World, placed: Placement) -> list[dict]:
    return [call for call in await world.sandbox.requests("submit") if placed.reference in call["idempotencyKey"]]


def keys(calls: list[dict]) -> list[str]:
    return [
        call["idempotencyKey"].rsplit("/", 2)[-2] + "/" + call["idempotencyKey"].rsplit("/", 1)[-1] for call in calls
    ]


async def orders_of(world: World, placed: Placement) -> list[dict]:
    return [order for order in await world.sandbox.orders() if order["quoteId"] == placed.quote_id]


async def finish(world: World, placed: Placement) -> None:
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert len(await orders_of(world, placed)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "status": 503},
        {"kind": "error", "status": 429, "code": "rate_limited", "headers": {"Retry-After": "1"}},
        {"kind": "error", "status": 409, "code": "idempotency_in_progress", "headers": {"Retry-After": "1"}},
        {"kind": "error", "status": 500, "afterEffect": True},
        {"kind": "reset"},
        {"kind": "truncate"},
        {"kind": "wrong_content_type"},
    ],
    ids=lambda fault: f"{fault['kind']}-{fault.get('status', '')}".strip("-"),
)
async def test_network_trouble_is_retried_under_the_same_key(world: World, fault: dict) -> None:
    placed = await world.place()
    await world.sandbox.fault("submit", quoteId=placed.quote_id, **fault)
    await world.deposit_and_report(placed)

    await finish(world, placed)

    assert set(keys(await submit_calls(world, placed))) == {"submit/1"}
    assert len(await submit_calls(world, placed)) <= 2


async def test_a_deposit_not_found_yet_is_submitted_under_the_next_key(world: World) -> None:
    placed = await world.place()
    proof = DepositProof(tx_hash="0x" + "ab" * 32)
    await world.baton.report_deposit(placed.reference, proof)
    await eventually(lambda: submit_calls(world, placed))
    waiting = await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.reason is not None)
    assert waiting.phase is Phase.SUBMITTING
    assert waiting.reason.code == "tx_not_found"

    await world.sandbox.deposit(placed.quote_id, txHash=proof.tx_hash)
    await world.advance(placed, seconds=5)

    await finish(world, placed)
    used = keys(await submit_calls(world, placed))
    assert used[:2] == ["submit/1", "submit/2"]
    assert len(set(used)) == len(used)


async def test_a_deposit_that_orchestra_detects_ends_the_resubmits(world: World) -> None:
    placed = await world.place()
    await world.baton.report_deposit(placed.reference, DepositProof(tx_hash="0x" + "cd" * 32))
    await world.until(placed, phase=Phase.SUBMITTING)

    await world.deposit(placed, detect=True)

    await finish(world, placed)


async def test_a_proof_that_is_never_found_raises_attention(world: World) -> None:
    placed = await world.place()
    await world.baton.report_deposit(placed.reference, DepositProof(tx_hash="0x" + "ef" * 32))
    await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.reason is not None)

    await world.advance(placed, minutes=11)

    snapshot = await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.attention is not None)
    assert snapshot.attention.reason == "overdue"
    assert snapshot.waiting_for.who == "operator"
    assert snapshot.phase is Phase.SUBMITTING
    await world.deposit(placed, detect=True)
    await finish(world, placed)


async def test_a_corrected_report_continues_a_refused_order(world: World) -> None:
    placed = await world.place()
    await world.sandbox.fault(
        "submit", "error", quoteId=placed.quote_id, status=400, code="invalid_request", message="txHash is malformed"
    )
    await world.baton.report_deposit(placed.reference, DepositProof(tx_hash="0x" + "0b" * 32))
    snapshot = await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.attention is not None)
    assert (snapshot.attention.reason, snapshot.attention.message) == ("invalid_request", "txHash is malformed")
    assert snapshot.phase is Phase.AWAITING_DEPOSIT
    assert snapshot.waiting_for.who == "business"
    with pytest.raises(OrderRefused, match="no longer be cancelled"):
        await world.baton.cancel(placed.reference)

    await world.deposit_and_report(placed)

    await finish(world, placed)
    assert keys(await submit_calls(world, placed)) == ["submit/1", "submit/2"]
    assert (await world.snapshot(placed)).attention is None


async def test_a_report_whose_answer_was_lost_is_answered_after_the_end(world: World) -> None:
    placed = await world.place()
    proof = await world.deposit_and_report(placed)
    await finish(world, placed)

    standing = await world.baton.report_deposit(placed.reference, proof)

    assert (standing.phase, standing.outcome, standing.followed_by) == (Phase.CLOSED, Outcome.COMPLETED, None)
    with pytest.raises(OrderRefused, match="completed"):
        await world.baton.report_deposit(placed.reference, DepositProof(tx_hash="0x" + "cf" * 32))
    assert len(await submit_calls(world, placed)) == 1


async def test_a_second_deposit_raises_attention_without_a_second_submit(world: World) -> None:
    placed = await world.place(scenario="stepped")
    first = await world.deposit_and_report(placed)
    await world.until(placed, phase=Phase.TRACKING)
    second = await world.deposit(placed)

    standing = await world.baton.report_deposit(placed.reference, second)

    assert standing.attention == "second_deposit"
    assert (await world.snapshot(placed)).proof == first.wire()
    assert len(await submit_calls(world, placed)) == 1


async def test_the_same_deposit_reported_again_changes_nothing(world: World) -> None:
    placed = await world.place(scenario="stepped")
    proof = await world.deposit_and_report(placed)
    await world.until(placed, phase=Phase.TRACKING)

    standing = await world.baton.report_deposit(placed.reference, proof)

    assert standing.attention is None
    assert len(await submit_calls(world, placed)) == 1


async def test_a_refused_api_key_raises_attention_until_it_works(world: World) -> None:
    placed = await world.place()
    await world.sandbox.fault(
        "submit", "error", quoteId=placed.quote_id, status=401, code="unauthorized", message="Key disabled"
    )
    await world.deposit_and_report(placed)
    snapshot = await eventually(lambda: world.snapshot(placed), lambda snapshot: snapshot.attention is not None)
    assert snapshot.attention.reason == "partner_access"
    assert "Key disabled" in snapshot.attention.message

    await world.advance(placed, seconds=5)

    await finish(world, placed)


async def test_a_proof_of_the_wrong_shape_is_refused_with_the_field_it_needs(world: World) -> None:
    placed = await world.place()

    with pytest.raises(OrderRefused, match="proved by txHash; given: bitcoinTxid"):
        await world.baton.report_deposit(placed.reference, DepositProof(bitcoin_txid="ab" * 32, bitcoin_vout=0))

    assert (await world.snapshot(placed)).phase is Phase.AWAITING_DEPOSIT


@pytest.mark.parametrize("status", [403, 404])
async def test_a_proxys_page_is_no_decision_about_a_deposit(world: World, status: int) -> None:
    placed = await world.place()
    await world.sandbox.fault("submit", "proxy_page", quoteId=placed.quote_id, status=status)
    proof = await world.deposit(placed, detect=False)

    await world.baton.report_deposit(placed.reference, proof)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert await _generations(world, placed) == {"submit/1"}


async def test_a_proxys_page_is_no_decision_about_a_quote(world: World) -> None:
    await world.sandbox.fault("quote", "proxy_page", status=404)

    assert (await world.place()).deposit_address


async def _generations(world: World, placed: Placement) -> set[str]:
    keys = {str(call["idempotencyKey"]) for call in await world.sandbox.requests("submit")}
    return {key.removeprefix(f"{placed.workflow_id}/") for key in keys if key.startswith(f"{placed.workflow_id}/")}
