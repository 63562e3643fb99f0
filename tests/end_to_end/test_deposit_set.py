"""An order's deposits are a set: better evidence replaces worse, and no deposit is lost, submitted twice or hidden."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import pytest

from baton.chains.deposits import Deposit, DepositState
from baton.errors import OrderRefused
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement, Snapshot, Standing
from baton.orders.models import Outcome, Phase
from baton.orders.names import NOTICE_DEPOSIT
from baton.orders.seen_deposits import DepositNotice
from tests.end_to_end.chain_orders import AGREED
from tests.end_to_end.test_ownership import order_of
from tests.end_to_end.world import World, running_worker, running_world
from tests.eventually import eventually
from tests.temporal_server import temporal_server

WRONG = "0x" + uuid.uuid4().hex * 2
"""A transaction that no test makes."""
A, B = "aa" * 32, "bb" * 32
BITCOIN = {
    "sourceChain": "bitcoin",
    "sourceAsset": "BTC",
    "destinationChain": "base",
    "destinationAsset": "USDC",
    "amount": "250000",
    "recipientAddress": "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
}


def notice(placed: Placement, tx_id: str, state: DepositState = DepositState.CONFIRMED, **fields: Any) -> dict:
    """Return a notice of a transfer to the order's address, as the chain's watch sends it."""
    usual = {
        "chain": placed.source_chain,
        "address": placed.deposit_address,
        "asset": "0xtoken",
        "symbol": placed.source_asset,
        "tx_id": tx_id,
        "index": "0",
        "amount": placed.amount_in,
        "state": state,
    }
    return DepositNotice(deposit=Deposit(**{**usual, **fields})).model_dump(mode="json")


async def notify(world: World, placed: Placement, *notices: dict) -> None:
    await world.handle(placed).signal(NOTICE_DEPOSIT, list(notices))


async def submitted(world: World, placed: Placement) -> list[dict]:
    """Return the bodies of the order's submits."""
    calls = await world.sandbox.requests("submit")
    return [call["body"] for call in calls if (call["idempotencyKey"] or "").startswith(f"{placed.workflow_id}/")]


def stages(snapshot: Snapshot) -> dict[str, str]:
    """Return the stage of each deposit by its transaction."""
    return {next(value for value in line.proof.values() if len(str(value)) > 9): line.stage for line in snapshot.proofs}


async def tracked(world: World, **fields: Any) -> tuple[Placement, DepositProof]:
    """Return an order that Orchestra made by itself from a deposit, and that deposit."""
    placed = await world.place(scenario="stepped", **fields)
    proof = await world.deposit(placed, detect=True)
    await world.until(placed, phase=Phase.TRACKING)
    return placed, proof


async def test_a_mistyped_hash_gives_way_to_the_right_one(world: World) -> None:
    placed = await world.place()
    await world.baton.report_deposit(placed.reference, DepositProof(tx_hash=WRONG))
    await eventually(lambda: world.snapshot(placed), lambda snapshot: stages(snapshot) == {WRONG: "not_found"})

    right = await world.deposit_and_report(placed)

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    ended = await world.snapshot(placed)
    assert stages(ended) == {WRONG: "not_found", str(right.tx_hash): "accepted"}
    assert ended.attentions == []
    assert ended.proof == right.wire() or ended.proof == {"txHash": right.tx_hash}


async def test_a_report_belongs_to_the_quote_whose_address_received_it(world: World) -> None:
    placed = await world.place(policy={"onQuoteExpiry": "requote"})
    await world.pass_expiry(placed)
    await eventually(lambda: world.snapshot(placed), lambda snapshot: len(snapshot.quotes) >= 2)
    paid = await world.deposit(placed)
    await notify(world, placed, notice(placed, str(paid.tx_hash), DepositState.SEEN))

    await world.baton.report_deposit(placed.reference, DepositProof(tx_hash=paid.tx_hash))

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert [body["quoteId"] for body in await submitted(world, placed)] == [placed.quote_id]


async def test_the_replacement_of_a_refused_deposit_is_submitted(world: World) -> None:
    placed = await world.place(**BITCOIN)
    for txid in (A, B):
        await world.deposit(placed, bitcoinTxid=txid, bitcoinVout=0)
    await world.sandbox.fault("submit", "error", quoteId=placed.quote_id, status=503, headers={"Retry-After": "1"})
    await world.sandbox.fault("submit", "error", quoteId=placed.quote_id, status=400, code="invalid_request")
    await notify(world, placed, notice(placed, A, asset="native"))
    await eventually(lambda: submitted(world, placed))

    gone = notice(placed, A, DepositState.GONE, asset="native")
    await notify(world, placed, gone, notice(placed, B, asset="native"))

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert stages(await world.snapshot(placed)) == {A: "refused", B: "accepted"}
    assert [body["bitcoinTxid"] for body in await submitted(world, placed)] == [A, A, B]


async def test_a_report_besides_orchestras_own_deposit_is_a_second_one(world: World) -> None:
    placed, detected = await tracked(world)

    standing = await world.baton.report_deposit(placed.reference, DepositProof(tx_hash=WRONG))

    assert standing.attentions == ["second_deposit"]
    snapshot = await world.snapshot(placed)
    by_source = {line.proof["txHash"]: (line.seen_by, line.stage) for line in snapshot.proofs}
    assert by_source == {detected.tx_hash: ("orchestra", "accepted"), WRONG: ("business", "reported")}
    assert snapshot.proof == {"txHash": detected.tx_hash}


async def test_orchestras_own_deposit_makes_the_one_being_submitted_a_second(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.sandbox.fault(
        "submit", "error", quoteId=placed.quote_id, status=503, times=9, headers={"Retry-After": "1"}
    )
    await world.baton.report_deposit(placed.reference, DepositProof(tx_hash=WRONG))

    detected = await world.deposit(placed, detect=True)

    snapshot = await world.until(placed, phase=Phase.TRACKING)
    assert stages(snapshot) == {WRONG: "reported", str(detected.tx_hash): "accepted"}
    assert [attention.reason for attention in snapshot.attentions] == ["second_deposit"]


async def test_a_submit_answered_with_another_deposits_order_is_a_second(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.sandbox.webhook_fault("drop", quoteId=placed.quote_id)
    detected = await world.deposit(placed, detect=True)
    order = await order_of(world, placed)

    reported = await world.deposit_and_report(placed)
    await world.until(placed, order_id=order)
    await world.baton.refresh(placed.reference)

    snapshot = await world.snapshot(placed)
    assert stages(snapshot) == {str(detected.tx_hash): "accepted", str(reported.tx_hash): "reported"}
    assert [attention.reason for attention in snapshot.attentions] == ["second_deposit"]


async def test_each_further_deposit_is_named_to_the_person_who_is_asked(world: World) -> None:
    placed, _ = await tracked(world)
    further = ["0x" + digit * 64 for digit in "123"]

    for tx_hash in further:
        await world.baton.report_deposit(placed.reference, DepositProof(tx_hash=tx_hash))

    (asked,) = (await world.snapshot(placed)).attentions
    assert asked.reason == "second_deposit"
    assert [tx_hash for tx_hash in further if tx_hash not in asked.message] == []


@pytest.mark.parametrize(
    "spelled",
    [
        lambda tx: tx.removeprefix("0x"),
        lambda tx: tx.upper(),
        lambda tx: f"  {tx}\n",
        lambda tx: f"https://basescan.org/tx/{tx}",
        lambda tx: f"https://basescan.org/tx/{tx.upper().replace('X', 'x')}?a=1#eventlog",
    ],
    ids=["without 0x", "capitals", "spaces", "explorer", "explorer with a query"],
)
async def test_one_hash_in_another_spelling_is_the_same_deposit(world: World, spelled: Any) -> None:
    placed = await world.place()
    proof = await world.deposit_and_report(placed)

    standing = await report_or_closed(world, placed, DepositProof(tx_hash=spelled(str(proof.tx_hash))))

    assert standing is None or standing.attentions == []
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert stages(await world.snapshot(placed)) == {str(proof.tx_hash): "accepted"}


async def report_or_closed(world: World, placed: Placement, proof: DepositProof) -> Standing | None:
    """Report a deposit; return None if the order has ended meanwhile."""
    try:
        return await world.baton.report_deposit(placed.reference, proof)
    except OrderRefused as error:
        return None if error.code == "order_closed" else pytest.fail(str(error))


async def test_a_first_report_in_another_spelling_is_submitted_in_the_chains_own(world: World) -> None:
    placed = await world.place()
    paid = await world.deposit(placed)
    hexadecimal = str(paid.tx_hash).removeprefix("0x").upper()

    await world.baton.report_deposit(placed.reference, DepositProof(tx_hash=hexadecimal))

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert [body["txHash"] for body in await submitted(world, placed)] == [paid.tx_hash]


async def test_a_txid_with_and_without_its_output_is_the_same_deposit(world: World) -> None:
    placed = await world.place(scenario="stepped", **BITCOIN)
    paid = await world.deposit(placed, bitcoinTxid=A, bitcoinVout=1)
    await world.baton.report_deposit(placed.reference, DepositProof(bitcoin_txid=A))
    await world.baton.report_deposit(placed.reference, paid)

    standing = await world.baton.report_deposit(placed.reference, DepositProof(bitcoin_txid=f"{A}:1".upper()))

    assert standing.attentions == []
    assert [line.proof["bitcoinTxid"] for line in (await world.snapshot(placed)).proofs] == [A]


async def test_what_is_no_transaction_id_is_refused_at_the_report(world: World) -> None:
    placed = await world.place()

    for text in ("0xabc", "my wallet says done", f"{WRONG} {'0x' + 'cd' * 32}"):
        with pytest.raises(OrderRefused, match="txHash: a transaction hash is 0x and 64 hexadecimal digits"):
            await world.baton.report_deposit(placed.reference, DepositProof(tx_hash=text))

    assert (await world.snapshot(placed)).proofs == []


@pytest.mark.parametrize(
    "first", [{"amount": 1}, {"symbol": None, "asset": "0xfake"}, {"symbol": "USDT"}], ids=["dust", "fake", "another"]
)
async def test_after_dust_or_a_fake_token_the_real_deposit_pays(world: World, first: dict[str, Any]) -> None:
    placed = await world.place()
    await notify(world, placed, notice(placed, WRONG, **first))
    paid = await world.deposit(placed)

    await notify(world, placed, notice(placed, str(paid.tx_hash)))

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert [body["txHash"] for body in await submitted(world, placed)] == [paid.tx_hash]


async def test_an_order_with_an_unknown_token_does_not_expire(world: World) -> None:
    placed = await world.place(policy={"onQuoteExpiry": "expire"})
    await notify(world, placed, notice(placed, WRONG, symbol=None, asset="0xunknown"))
    await eventually(lambda: world.snapshot(placed), lambda snapshot: bool(snapshot.deposits))

    await world.pass_expiry(placed)

    snapshot = await world.until(placed, phase=Phase.AWAITING_DEPOSIT)
    assert [attention.reason for attention in snapshot.attentions] == ["unknown_token_deposit"]


async def test_a_deposit_seen_in_the_same_turn_wins_over_a_cancel(tmp_path: Path) -> None:
    async with temporal_server() as temporal, running_world(temporal, tmp_path, with_worker=False) as world:
        async with running_worker(temporal, world.ledger, world.account, {}):
            placed = await world.place()
        cancelling = asyncio.create_task(world.baton.cancel(placed.reference))
        paid = await world.deposit(placed)
        await notify(world, placed, notice(placed, str(paid.tx_hash)))
        async with running_worker(temporal, world.ledger, world.account, {}):
            with pytest.raises(OrderRefused, match="no longer be cancelled"):
                await cancelling
            assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_a_read_that_is_refused_and_answered_later_leaves_other_reasons(world: World) -> None:
    placed, _ = await tracked(world)
    await world.baton.report_deposit(placed.reference, DepositProof(tx_hash=WRONG))
    await world.sandbox.fault("status", "error", quoteId=placed.quote_id, status=400, code="invalid_request")
    refused = await world.baton.refresh(placed.reference)
    assert refused.attentions == ["second_deposit", "read_refused"]

    answered = await world.baton.refresh(placed.reference)

    assert answered.attentions == ["second_deposit"]
    assert (await world.snapshot(placed)).amount_in == AGREED
