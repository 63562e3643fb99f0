"""The keys by which an order is found: its transactions in one spelling, its payer, its metadata."""

from baton.orders.models import Payer
from baton.orders.order_keys import order_keys
from baton.orders.snapshot import snapshot_of
from tests.orders.states import NOON, order, state, tracked

HASH = "AB" * 32


def found(**changes: object) -> set[tuple[str, str]]:
    snapshot = snapshot_of(order(), state()).model_copy(update=changes)
    keys = order_keys(snapshot)
    assert {(key.account, key.workflow_id, key.opened_at) for key in keys} <= {
        ("default", "order/default/invoice-42", snapshot.opened_at)
    }
    return {(key.kind, key.value) for key in keys}


def test_an_order_without_anything_has_no_key() -> None:
    assert found() == set()


def test_payer_and_metadata_are_keys() -> None:
    assert found(payer=Payer(id="anna"), metadata={"cart": "7"}) == {("payer", "anna"), ("metadata:cart", "7")}


def test_each_transaction_is_a_key_in_one_spelling() -> None:
    hashes = [f"{number:064x}" for number in range(1, 7)]
    keys = found(
        proof={"txHash": f"0x{HASH}"},
        sweep_tx_hash=f"0x{hashes[0].upper()}",
        spark_tx_hash=hashes[1],
        destination_tx_hash=hashes[2],
        refund={"tx_hash": hashes[3], "status": "refunded"},
        records={
            "swap": {"legs": [{"execution": {"outboundTransferId": hashes[4]}}]},
            "ingressSwap": {"txHash": hashes[5]},
        },
    )
    assert keys == {("tx", HASH.lower()), *(("tx", each) for each in hashes)}


def test_the_transactions_of_a_tracked_order_are_keys_of_its_opening() -> None:
    keys = order_keys(snapshot_of(order(), tracked("completed")))
    assert all(key.opened_at == NOON for key in keys)
