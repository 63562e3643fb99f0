"""`baton deposit`: one proof, of the kind that the source chain has."""

import pytest

from baton.local.stack.showcase import SHOWPIECES, Showpiece
from tests.cli.command import Baton
from tests.end_to_end.world import World

HASH = "0x" + "ab" * 32

OPTIONS = {
    "txHash": "--tx-hash",
    "sparkTxHash": "--spark-tx-hash",
    "bitcoinTxid": "--bitcoin-txid",
    "bitcoinVout": "--bitcoin-vout",
    "sourceAddress": "--source-address",
}


@pytest.mark.parametrize("piece", SHOWPIECES, ids=lambda piece: piece.name)
async def test_the_proof_of_each_source_chain_leads_to_completion(world: World, baton: Baton, piece: Showpiece) -> None:
    placed = await world.place(**piece.document)
    proof = await world.deposit(placed)
    given = [word for name, value in proof.wire().items() if name in OPTIONS for word in (OPTIONS[name], str(value))]

    # A Lightning order needs no option: it already has its proof, the receive request.
    reported = await baton("deposit", placed.reference, *given, "--json")

    assert reported.code == 0
    assert (reported.json["reference"], reported.json["quote_id"]) == (placed.reference, placed.quote_id)
    assert (await world.baton.wait(placed.reference)).outcome == "completed"


async def test_a_missing_proof_names_the_option_for_the_chain(world: World, baton: Baton) -> None:
    for chain, option in {"base": "--tx-hash", "bitcoin": "--bitcoin-txid with --bitcoin-vout"}.items():
        asset = "USDC" if chain == "base" else "BTC"
        placed = await world.place(sourceChain=chain, sourceAsset=asset, amount="50000000")
        answer = await baton("deposit", placed.reference, "--json")
        assert answer.code == 2
        assert answer.error["message"] == f"a deposit on {chain} is proved by {option}; give it"


async def test_the_proof_of_another_chain_is_refused(world: World, baton: Baton) -> None:
    placed = await world.place()

    refused = await baton("deposit", placed.reference, "--spark-tx-hash", "5ae8c9b0-1111-4222-8333-94ab8a1a2b3c")

    assert refused.code == 1
    assert refused.err == "error: a deposit on base is proved by txHash; given: sparkTxHash\n"


async def test_a_deposit_for_a_quote_of_another_order_is_refused(world: World, baton: Baton) -> None:
    placed = await world.place()

    refused = await baton("deposit", placed.reference, "--tx-hash", HASH, "--quote-id", "q_other", "--json")

    assert (refused.code, refused.error["code"]) == (1, "unknown_quote")


async def test_a_second_deposit_raises_attention(world: World, baton: Baton) -> None:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    await world.until(placed, phase="tracking")

    reported = await baton("deposit", placed.reference, "--tx-hash", HASH)

    assert reported.code == 0
    assert f"attention: second_deposit; see `baton show {placed.reference}`" in reported.out


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--tx-hash", "0x1", "--spark-tx-hash", "a"], "give one proof, not --tx-hash and --spark-tx-hash"),
        (["--bitcoin-vout", "0"], "--bitcoin-vout belongs to --bitcoin-txid; give both or neither"),
        (["--tx-hash", "0x1", "--bitcoin-vout", "0"], "--bitcoin-vout belongs to --bitcoin-txid; give both or neither"),
    ],
)
async def test_an_inconsistent_proof_is_wrong_usage_before_any_call(
    alone: Baton, options: list[str], complaint: str
) -> None:
    answer = await alone("deposit", "invoice-42", *options)

    assert (answer.code, answer.err) == (2, f"error: {complaint}\n")
