"""The sandbox's books beside Baton's rows: is anything lost or doubled? Pure.

The books are Orchestra's side of the demo: its quotes, deposits, orders and the submits that it was sent. A fault is
one sentence about one order.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baton.ledger.rows import OrderRow
from baton.local.stack.progress import Progress
from baton.local.stack.showcase import Noticed
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Snapshot

Document = Mapping[str, Any]

_ENDS = ("completed", "refunded", "failed", "expired", "unfulfilled")


@dataclass(frozen=True)
class Books:
    """Both sides after the demo.

    Attributes:
        orders: The sandbox's orders, with their moves.
        deposits: Its deposits.
        quotes: Its quotes.
        submits: The calls of its submit endpoint.
        violations: The forbidden moves that it was asked for.
        rows: The rows of Baton's ledger, without those of orders that Baton adopted and then left to the workflow that
            placed them: after a kill Orchestra may report an order before its own workflow knows its id.
    """

    orders: Sequence[Document]
    deposits: Sequence[Document]
    quotes: Sequence[Document]
    submits: Sequence[Document]
    violations: Sequence[Document]
    rows: Sequence[OrderRow]

    @property
    def accepted(self) -> list[Document]:
        """The submits that had an effect: accepted, and not the replay of an earlier answer."""
        return [call for call in self.submits if call["status"] in (200, 201, 202) and not call["replayed"]]

    def totals(self) -> dict[str, int]:
        """Return how much there is of everything."""
        return {
            "orders_at_orchestra": len(self.orders),
            "rows": len(self.rows),
            "deposits": len(self.deposits),
            "quotes": len(self.quotes),
            "submits_sent": len(self.submits),
            "submits_accepted": len(self.accepted),
            "deliveries": sum(_times(order, "completed") for order in self.orders),
            "refunds": sum(_times(order, "refunded") for order in self.orders),
        }


def totals_line(books: Books) -> str:
    """Return both sides' totals in two sentences."""
    total = books.totals()
    return (
        f"Orchestra's books: {total['orders_at_orchestra']} orders of {total['deposits']} deposits, "
        f"{total['submits_accepted']} accepted submits of {total['submits_sent']} sent, "
        f"{total['deliveries']} delivered, {total['refunds']} refunded. Baton has {total['rows']} rows."
    )


def faults(books: Books, placed: Sequence[Progress]) -> list[str]:
    """Return what is lost, doubled or different in the two books; nothing if all is well."""
    return [*_faults_of_all(books, placed), *(fault for order in placed for fault in _faults_of(books, order))]


def _faults_of_all(books: Books, placed: Sequence[Progress]) -> Iterator[str]:
    if len(books.orders) != len(placed):
        yield f"Orchestra has {len(books.orders)} orders of {len(placed)}"
    if len(books.rows) != len(placed):
        yield f"Baton has {len(books.rows)} rows of {len(placed)}: {', '.join(row.reference for row in books.rows)}"
    for violation in books.violations:
        yield f"Orchestra was asked for a forbidden move: {dict(violation)}"
    quoted = {row.quote_id for row in books.rows if row.quote_id}
    for quote in books.quotes:
        if quote["id"] not in quoted:
            yield f"quote {quote['id']} belongs to no order"


def _faults_of(books: Books, order: Progress) -> Iterator[str]:
    name, proof, snapshot = order.reference, order.proof, order.snapshot
    if proof is None:
        yield f"{name}: it was not paid ({order.error or order.step})"
        return
    if snapshot is None:
        yield f"{name}: Baton knows no order of its deposit"
        return
    rows = [row for row in books.rows if row.reference == snapshot.reference]
    if len(rows) != 1:
        yield f"{name}: Baton has {len(rows)} rows of it"
        return
    deposits = [deposit for deposit in books.deposits if DepositProof.model_validate(deposit).key == proof.key]
    if len(deposits) != 1:
        yield f"{name}: Orchestra has its deposit {len(deposits)} times"
        return
    yield from (f"{name}: {fault}" for fault in _faults_of_money(books, order, rows[0], deposits[0]))


def _faults_of_money(books: Books, order: Progress, row: OrderRow, deposit: Document) -> Iterator[str]:
    made = [each for each in books.orders if each["depositAddress"] == deposit["depositAddress"]]
    if len(made) != 1:
        yield f"its deposit became {len(made)} orders"
        return
    if (row.order_id, row.outcome) != (made[0]["id"], order.piece.ends.value):
        yield f"Baton's row says {row.outcome} of {row.order_id}, not {order.piece.ends} of {made[0]['id']}"
    if made[0]["status"] != order.piece.ends.value:
        yield f"Orchestra says {made[0]['status']}, not {order.piece.ends}"
    ends = {status: _times(made[0], status) for status in _ENDS}
    if Counter(ends) != Counter({status: int(status == order.piece.ends.value) for status in _ENDS}):
        yield f"it ended more than once or otherwise: {ends}"
    yield from _faults_of_submits(books, order, deposit)
    yield from _faults_of_transactions(row, made[0])


def _faults_of_submits(books: Books, order: Progress, deposit: Document) -> Iterator[str]:
    accepted = [call for call in books.accepted if call["body"]["quoteId"] == deposit["quoteId"]]
    least = 1 if order.piece.noticed_by is Noticed.APP else 0
    if not least <= len(accepted) <= 1:
        yield f"{len(accepted)} submits of it were accepted"


def _faults_of_transactions(row: OrderRow, made: Document) -> Iterator[str]:
    recorded = Snapshot.model_validate(row.snapshot)
    sides = {
        "delivery": (recorded.destination_tx_hash, made["destinationTxHash"]),
        "Spark transfer": (recorded.spark_tx_hash, made["sparkTxHash"]),
        "refund": ((recorded.refund or {}).get("tx_hash"), made["refundTxHash"]),
    }
    for what, (baton, orchestra) in sides.items():
        if baton != orchestra:
            yield f"Baton's row has {baton} as its {what}, Orchestra has {orchestra}"


def _times(order: Document, status: str) -> int:
    return sum(move["status"] == status for move in order["moves"])
