"""Checks a batch as a whole before its first order is placed, and gives each order its reference. Pure.

A row without a reference gets one that is made of its content, so that the same file again starts nothing twice, also
after other rows were corrected. Rows of the same content are counted, because somebody may mean two such orders.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from baton.batch.rows import BatchRow
from baton.errors import CORRECT_IT, DocumentError
from baton.orders.document import OrderDocument

ReadDocument = Callable[[dict[str, Any]], OrderDocument]
"""Reads an order document, or raises a `DocumentError`."""

_DIGITS = 24
_DEFAULT_ACCOUNT = "default"
_CORRECT = "correct the row"


class BatchOrder(NamedTuple):
    """An order of a batch, and the line of its row."""

    line: int
    document: OrderDocument


class RowFault(NamedTuple):
    """What is wrong with a row.

    Attributes:
        line: The line on which the row begins.
        field: The field; None if it is about the whole row.
        message: What is wrong.
        remedy: What to do about it.
    """

    line: int
    field: str | None
    message: str
    remedy: str


class CheckedBatch(NamedTuple):
    """The orders that can be placed, and what is wrong with the other rows."""

    orders: list[BatchOrder]
    faults: list[RowFault]

    @property
    def bad_lines(self) -> int:
        """How many rows cannot be placed."""
        return len({fault.line for fault in self.faults})


def check_batch(rows: Iterable[BatchRow], read: ReadDocument, account: str | None = None) -> CheckedBatch:
    """Check every row.

    Args:
        rows: The rows.
        read: Reads a document.
        account: The partner account of rows that name none.
    """
    orders: list[BatchOrder] = []
    faults: list[RowFault] = []
    first_lines: dict[tuple[str, str], int] = {}
    copies: Counter[str] = Counter()
    for row in rows:
        if row.problem is not None:
            faults.append(_fault(row.line, None, row.problem))
            continue
        try:
            document = read(_with_reference(row.content, account, copies))
        except DocumentError as error:
            faults += _faults_of(row.line, error)
            continue
        known = first_lines.setdefault((document.account, document.reference), row.line)
        if known != row.line:
            message = f"reference: {document.reference} is that of line {known} already; give each order its own"
            faults.append(_fault(row.line, "reference", message))
        else:
            orders.append(BatchOrder(row.line, document))
    return CheckedBatch(orders, faults)


def _with_reference(content: dict[str, Any], account: str | None, copies: Counter[str]) -> dict[str, Any]:
    document = {**({"account": account} if account else {}), **content}
    if document.get("reference"):
        return document
    # Whether the default account is named or not, it is the same order.
    named = {name: value for name, value in document.items() if (name, value) != ("account", _DEFAULT_ACCOUNT)}
    text = json.dumps(named, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_DIGITS]
    copies[digest] += 1
    suffix = f"-{copies[digest]}" if copies[digest] > 1 else ""
    return {**document, "reference": f"row-{digest}{suffix}"}


def _faults_of(line: int, error: DocumentError) -> list[RowFault]:
    if not error.fields:
        return [_fault(line, None, str(error))]
    return [_fault(line, fault.field, fault.message) for fault in error.fields]


def _fault(line: int, field: str | None, text: str) -> RowFault:
    message, _, remedy = text.partition("; ")
    return RowFault(line, field, message, remedy.replace(CORRECT_IT, _CORRECT) or _CORRECT)
