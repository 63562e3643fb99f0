"""Both sides' books after a soak: is an order lost, doubled, or different? Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from baton.ledger.rows import EventRow, OrderRow

Document = Mapping[str, Any]

_FIRST, _LAST = "order.placed", "order.closed"


@dataclass(frozen=True)
class SoakBooks:
    """What each side has after the load.

    Attributes:
        placed: The references that the app placed; each must have become one completed order.
        orders: The sandbox's orders.
        deposits: Its deposits.
        submits: The calls of its submit endpoint.
        rows: The rows of Baton's ledger.
        workflows: The ids of Temporal's completed order workflows, each as often as there is one.
        events: The feed, in its order.
        read: The ids that a reader of the feed got meanwhile, in the order in which it got them.
        notified: The ids that the app's endpoint accepted, in the order in which they came.
    """

    placed: Sequence[str]
    orders: Sequence[Document]
    deposits: Sequence[Document]
    submits: Sequence[Document]
    rows: Sequence[OrderRow]
    workflows: Sequence[str]
    events: Sequence[EventRow]
    read: Sequence[str]
    notified: Sequence[str] = field(default_factory=list)


def order_faults(books: SoakBooks) -> list[str]:
    """Return what is lost, doubled or different between the app, Orchestra, the ledger and Temporal."""
    return [*_total_faults(books), *_row_faults(books), *_submit_faults(books)]


def _total_faults(books: SoakBooks) -> Iterator[str]:
    placed = len(books.placed)
    counts = {
        "orders at Orchestra": len(books.orders),
        "deposits": len(books.deposits),
        "rows": len(books.rows),
        "completed workflows": len(set(books.workflows)),
    }
    yield from (f"{count} {what} of {placed} orders placed" for what, count in counts.items() if count != placed)
    yield from (f"workflow {name} completed {times} times" for name, times in _repeated(books.workflows))


def _row_faults(books: SoakBooks) -> Iterator[str]:
    made = {str(order["id"]): order for order in books.orders}
    used = Counter(row.order_id for row in books.rows if row.order_id)
    missing = set(books.placed) - {row.reference for row in books.rows}
    yield from (f"{reference} has no row" for reference in sorted(missing))
    yield from (f"{used[name]} rows of order {name}" for name in used if used[name] > 1)
    for row in books.rows:
        order = made.get(row.order_id or "")
        if row.outcome != "completed":
            yield f"{row.reference} ended as {row.outcome}"
        elif order is None:
            yield f"{row.reference} has an order that Orchestra does not have"
        elif order["status"] != "completed" or _times(order, "completed") != 1:
            yield f"{row.reference}: Orchestra says {order['status']}, completed {_times(order, 'completed')} times"


def _submit_faults(books: SoakBooks) -> Iterator[str]:
    accepted = [call for call in books.submits if call["status"] in (200, 201, 202) and not call["replayed"]]
    yield from (
        f"quote {quote} was submitted {times} times"
        for quote, times in _repeated([str(call["body"]["quoteId"]) for call in accepted])
    )


def feed_faults(books: SoakBooks) -> list[str]:
    """Return what is wrong with the feed of events, and with what a reader and an endpoint got of it."""
    ids = [event.id for event in books.events]
    return [
        *_order_event_faults(books),
        *_reader_faults(ids, books.read),
        *_endpoint_faults(books),
    ]


def _order_event_faults(books: SoakBooks) -> Iterator[str]:
    types: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for event in books.events:
        types[event.reference][event.type] += 1
    for reference in books.placed:
        for kind in (_FIRST, _LAST):
            if types[reference][kind] != 1:
                yield f"{reference} has {types[reference][kind]} events {kind}"


def _reader_faults(ids: Sequence[str], read: Sequence[str]) -> Iterator[str]:
    if missing := set(ids) - set(read):
        yield f"a reader of the feed missed {len(missing)} of {len(ids)} events"
    yield from (f"a reader of the feed got {name} {times} times" for name, times in _repeated(read))


def _endpoint_faults(books: SoakBooks) -> Iterator[str]:
    got = dict.fromkeys(books.notified)
    if missing := {event.id for event in books.events} - got.keys():
        yield f"the endpoint did not get {len(missing)} of {len(books.events)} events"
    place = {name: number for number, name in enumerate(got)}
    of_order: defaultdict[str, list[int]] = defaultdict(list)
    for event in books.events:
        if event.id in place:
            of_order[event.reference].append(place[event.id])
    yield from (
        f"the endpoint got the events of {name} out of order" for name, at in of_order.items() if at != sorted(at)
    )


def repeats(notified: Sequence[str]) -> int:
    """Return how many notifications came once more; that is allowed, because delivery is at least once."""
    return len(notified) - len(set(notified))


def _repeated(names: Sequence[str]) -> Iterator[tuple[str, int]]:
    return ((name, times) for name, times in Counter(names).items() if times > 1)


def _times(order: Document, status: str) -> int:
    return sum(move["status"] == status for move in order["moves"])
