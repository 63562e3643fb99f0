"""The amounts of an order, each with its asset, its decimals and whole units."""

from typing import Any

from baton.chains.deposits import Deposit
from baton.orchestra.models import OrderRecord
from baton.orders.amounts import AssetAmount, OrderAmounts
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome, Phase
from baton.orders.observation import Observation, OrderView
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.present import merge
from baton.orders.seen_deposits import SeenDeposit
from baton.orders.settlement import amounts_of
from baton.orders.snapshot import placement_of, placement_of_snapshot, result_of, snapshot_of
from baton.orders.state import OrderState
from tests.orders.states import NOON, order, quote, state

DETAILS = {"chain": "solana", "asset": "USDC", "decimals": 6}


def at(status: str, **fields: Any) -> OrderState:
    record = OrderRecord(id="ord_1", status=status, updated_at=NOON, quote_id="q_1", **fields)
    view = merge(OrderView(), Observation(source="status_read", record=record)).view
    return state(Phase.TRACKING, view=view, status_since=NOON)


def priced(**fields: Any) -> OrderState:
    taken = quote()
    return state(quotes=[taken.model_copy(update={"quote": taken.quote.model_copy(update=fields)})])


def from_bsc() -> PlaceOrder:
    placed = order()
    return placed.model_copy(update={"request": placed.request.model_copy(update={"source_chain": "bsc"})})


def usdc(amount: int, chain: str | None = "base", decimals: int | None = 6) -> AssetAmount:
    return AssetAmount(amount=amount, asset="USDC", chain=chain, decimals=decimals)


def test_an_amount_in_json_has_smallest_and_whole_units() -> None:
    assert usdc(100_000_000).model_dump(mode="json") == {
        "amount": "100000000",
        "asset": "USDC",
        "chain": "base",
        "decimals": 6,
        "display": "100",
    }


def test_an_amount_of_unknown_decimals_has_no_whole_units() -> None:
    assert usdc(100_000_000, decimals=None).display is None


def test_the_amount_to_pay_is_called_in_wherever_it_is_read() -> None:
    snapshot = snapshot_of(order(), state())

    assert snapshot.model_dump(mode="json")["amounts"]["in"]["display"] == "100"
    assert Snapshot.model_validate_json(snapshot.model_dump_json()).amounts.in_ == usdc(100_000_000)
    assert placement_of_snapshot(snapshot).amounts == snapshot.amounts == placement_of(order(), state()).amounts


def test_the_quote_says_what_is_expected_and_nothing_is_delivered_yet() -> None:
    amounts = amounts_of(order(), priced(estimated_out=103_266))

    assert amounts.estimated_out == AssetAmount(amount=103_266, asset="BTC", chain="spark", decimals=8)
    assert amounts.estimated_out.display == "0.00103266"
    assert (amounts.out, amounts.received, amounts.refund) == (None, None, None)


def test_what_the_record_expects_is_not_delivered_before_the_end() -> None:
    assert amounts_of(order(), at("swapping", amount_in=100_000_000, amount_out=103_266)).out is None

    ended = amounts_of(order(), at("completed", amount_in=100_000_000, amount_out=103_266))
    assert ended.out == AssetAmount(amount=103_266, asset="BTC", chain="spark", decimals=8)
    assert ended.received == usdc(100_000_000)


def test_a_refund_has_its_own_asset_and_chain() -> None:
    refunded = at("refunded", amount_in=100_000_000, refund_asset="USDC", refund_amount=99_500_000)

    assert amounts_of(order(), refunded).refund == usdc(99_500_000)


def test_the_result_has_the_amounts_too() -> None:
    ended = at("completed", amount_in=100_000_000, amount_out=103_266)
    ended.outcome = Outcome.COMPLETED

    assert result_of(order(), ended).amounts == amounts_of(order(), ended)


def test_decimals_of_the_routes_come_before_those_of_the_catalogue() -> None:
    known = state(decimals={"base:USDC": 18})

    assert amounts_of(order(), known).in_ == usdc(100_000_000, decimals=18)


def test_decimals_of_a_symbol_on_another_chain_are_not_taken() -> None:
    assert amounts_of(from_bsc(), state()).in_ == usdc(100_000_000, "bsc", None)


def test_a_fee_has_the_decimals_of_its_own_asset() -> None:
    details = Observation.model_validate(
        {"source": "status_read", "record": {"id": "o", "status": "swapping", "feeAssetDetails": DETAILS}}
    ).record.fee_asset_details
    charged = priced(fee_amount=81_419, fee_asset="USDC", fee_asset_details=details)

    assert amounts_of(from_bsc(), charged).fee == usdc(81_419, "solana", 6)


def test_a_bare_symbol_of_a_fee_is_not_taken_for_an_asset_of_the_order() -> None:
    assert amounts_of(order(), priced(fee_amount=81_419, fee_asset="USDC")).fee == usdc(81_419, None, None)


def test_a_bare_symbol_counts_where_it_is_the_same_on_every_chain() -> None:
    charged = priced(fee_amount=5, fee_asset="USDB")
    charged.decimals = {"USDB": 6}

    fee = amounts_of(order(), charged).fee
    assert fee is not None
    assert (fee.chain, fee.decimals, fee.display) == (None, 6, "0.000005")


def test_details_of_a_fee_that_cannot_be_read_are_left_out() -> None:
    record = OrderRecord.model_validate({"id": "o", "status": "s", "feeAssetDetails": {"decimals": 1000}})

    assert record.fee_asset_details is None


def test_a_snapshot_of_an_older_version_has_no_amounts() -> None:
    older = snapshot_of(order(), state()).model_dump(mode="json", exclude={"amounts"})

    assert Snapshot.model_validate(older).amounts == OrderAmounts()


def test_decimals_of_the_chains_watch_count_where_the_routes_say_nothing() -> None:
    deposit = Deposit(
        chain="bsc", address="0xa", asset="0xc", symbol="USDC", decimals=18, tx_id="0x1", index="0", amount=10**18
    )
    seen = SeenDeposit(deposit=deposit, submit_at="seen", verdict="exact", quote_id="q_1", first_seen_at=NOON)

    assert amounts_of(from_bsc(), state(sightings=[seen])).received == usdc(10**18, "bsc", 18)
