"""The keys by which an order is found beside its reference, order id and quote id, made from its snapshot. Pure."""

from collections.abc import Iterator
from typing import Any

from baton.encoding.addresses import address_key
from baton.encoding.transaction_ids import same_spelling
from baton.ledger.rows import OrderKeyRow
from baton.orchestra.bounds import MAX_TEXT
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Snapshot

TX = "tx"
"""Kind of a transaction id: of a deposit, of a swap or sweep on the way, of the delivery, of the refund."""
ADDRESS = "address"
"""Kind of a reusable address that the order's deposit went to."""
PAYER = "payer"
"""Kind of the business's own id of the payer."""

_TX_FIELDS = frozenset({"txHash", "sweepTxHash", "sparkTxHash", "outboundTransferId"})
"""Fields of Orchestra's record that hold the id of a transaction, in whatever part."""


def metadata_kind(name: str) -> str:
    """Return the kind of the keys of one entry of the metadata."""
    return f"metadata:{name}"


def order_keys(snapshot: Snapshot) -> list[OrderKeyRow]:
    """Return every key of an order, each once."""
    own = {"account": snapshot.account, "workflow_id": snapshot.workflow_id, "opened_at": snapshot.opened_at}
    return [OrderKeyRow(**own, kind=kind, value=value) for kind, value in dict.fromkeys(_keys(snapshot))]


def _keys(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    yield from ((TX, same_spelling(found[:MAX_TEXT])) for found in _transactions(snapshot) if found)
    if snapshot.address_deposit:
        yield ADDRESS, address_key(snapshot.address_deposit.address)
    if snapshot.payer and snapshot.payer.id:
        yield PAYER, snapshot.payer.id
    yield from ((metadata_kind(name), value) for name, value in snapshot.metadata.items())


def _transactions(snapshot: Snapshot) -> Iterator[str | None]:
    for line in snapshot.proofs:
        yield DepositProof.model_validate(line.proof).transaction_id
    if snapshot.proof:
        yield DepositProof.model_validate(snapshot.proof).transaction_id
    yield from (deposit.tx_id for deposit in snapshot.deposits)
    if paid := snapshot.address_deposit:
        yield from (paid.tx_id, paid.held.refund_tx_id if paid.held else None)
    yield from (snapshot.sweep_tx_hash, snapshot.spark_tx_hash, snapshot.destination_tx_hash)
    yield (snapshot.refund or {}).get("tx_hash")
    yield from _named_in(snapshot.records)


def _named_in(part: Any) -> Iterator[str]:
    """Yield the transaction ids anywhere in a document."""
    if isinstance(part, dict):
        yield from (value for name, value in part.items() if name in _TX_FIELDS and isinstance(value, str))
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _named_in(inner)
