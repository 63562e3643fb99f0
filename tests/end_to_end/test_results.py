"""The money in an order's result."""

from decimal import Decimal

from baton import AssetAmount, OrderResult, Outcome
from tests.end_to_end.world import World

EVM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


async def test_the_result_of_a_completed_order_names_what_was_paid_and_delivered(world: World) -> None:
    placed = await world.place()
    await world.deposit_and_report(placed)

    result = await world.baton.wait(placed.reference)

    assert (result.account, result.reference, result.kind) == ("default", placed.reference, "swap")
    assert result.route == "base:USDC → spark:BTC"
    assert (result.source_chain, result.source_asset) == ("base", "USDC")
    assert (result.destination_chain, result.destination_asset) == ("spark", "BTC")
    assert result.paid == AssetAmount(amount=100_000_000, asset="USDC", chain="base", decimals=6)
    assert result.delivered == AssetAmount(amount=result.amount_out, asset="BTC", chain="spark", decimals=8)
    assert result.paid.units == Decimal(100)
    assert result.model_dump(mode="json")["paid"]["amount"] == "100000000"
    snapshot = await world.snapshot(placed)
    assert result.destination_tx_hash in (snapshot.destination_tx_hash, snapshot.spark_tx_hash)
    assert result.destination_tx_hash
    assert result.refund is None


async def test_the_result_of_a_refund_names_amount_asset_and_transaction(world: World) -> None:
    placed = await world.place(scenario="refunded")
    await world.deposit_and_report(placed)

    result = await world.baton.wait(placed.reference)

    refund = (await world.snapshot(placed)).refund
    assert result.outcome is Outcome.REFUNDED
    assert result.paid.amount == 100_000_000
    assert (result.delivered, result.destination_tx_hash) == (None, None)
    assert (result.refund.asset, result.refund.chain, result.refund.decimals) == ("USDC", "base", 6)
    assert (str(result.refund.amount), result.refund.tx_hash) == (refund["amount"], refund["tx_hash"])


async def test_the_result_of_an_unpaid_order_names_no_payment(world: World) -> None:
    placed = await world.place()
    await world.baton.cancel(placed.reference)

    result = await world.baton.wait(placed.reference)

    assert (result.paid, result.delivered, result.refund, result.amount_in) == (None, None, None, None)
    assert result.route == "base:USDC → spark:BTC"


def test_decimals_that_the_catalogue_does_not_know_are_none() -> None:
    assert AssetAmount(amount=5, asset="SOMETHING", chain="atlantis").units is None


def test_units_of_any_size_are_exact() -> None:
    amount = AssetAmount(amount=2**256 - 1, asset="X", chain="y", decimals=18)
    assert amount.units is not None
    assert f"{amount.units:f}".replace(".", "") == str(2**256 - 1)


def test_the_result_of_an_older_version_is_still_read() -> None:
    older = (
        '{"outcome":"completed","status":"completed","order_id":"ord_1","amount_in":"100000000","amount_out":"103266"}'
    )

    result = OrderResult.model_validate_json(older)

    assert (result.amount_out, result.route, result.paid, result.refund) == (103266, None, None, None)


async def test_an_asset_has_the_decimals_of_its_own_chain(world: World) -> None:
    fields = {"sourceChain": "bsc", "destinationChain": "base", "destinationAsset": "USDC", "recipientAddress": EVM}
    placed = await world.place(**fields, amount=str(100 * 10**18))

    amounts = placed.amounts
    assert amounts.in_ == AssetAmount(amount=100 * 10**18, asset="USDC", chain="bsc", decimals=18)
    assert amounts.estimated_out is not None
    assert (amounts.in_.display, amounts.estimated_out.decimals) == ("100", 6)
    assert (await world.snapshot(placed)).amounts.in_ == amounts.in_


async def test_the_fee_and_the_delivery_have_whole_units(world: World) -> None:
    placed = await world.place()
    await world.deposit_and_report(placed)

    amounts = (await world.baton.wait(placed.reference)).amounts

    assert amounts == (await world.snapshot(placed)).amounts
    assert amounts.received.display == "100"
    assert (amounts.out.asset, amounts.out.chain, amounts.out.decimals) == ("BTC", "spark", 8)
    assert amounts.fee.display == f"{amounts.fee.units:f}".rstrip("0").rstrip(".")
    assert amounts.refund is None


async def test_an_onramp_is_paid_in_bitcoin_of_eight_decimals(world: World) -> None:
    placed = await world.place(
        kind="onramp", sourceChain="lightning", sourceAsset="BTC", destinationAsset="USDB", amount="50000"
    )

    assert placed.amounts.in_ == AssetAmount(amount=50_000, asset="BTC", chain="lightning", decimals=8)
