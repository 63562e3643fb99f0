"""The filters of a list of orders, and the cursor between its pages, as a query writes them."""

import base64
import re
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query, Request

from baton.bulk.choice import route_columns
from baton.errors import InvalidArgument
from baton.ledger.order_search import OrderFilter, PageEnd
from baton.orders.models import Outcome, Phase
from baton.orders.order_keys import PAYER, metadata_kind
from baton.orders.order_source import source_names

_METADATA = re.compile(r"metadata\[([A-Za-z0-9_.-]{1,40})\]")

Text = Annotated[str | None, Query(min_length=1, max_length=500)]


class ListQuery:
    """The query of a list of orders; each part narrows it down.

    Attributes:
        wanted: Which orders.
        attention: The filters about attention are asked for.
    """

    def __init__(
        self,
        request: Request,
        phase: Phase | None = None,
        status: Text = None,
        outcome: Outcome | None = None,
        attention: bool | None = None,
        reason: Annotated[str | None, Query(max_length=100, description="Only with attention for this reason.")] = None,
        route: Annotated[
            str | None, Query(max_length=300, description="`base:USDC>spark:BTC`; each part may be left out.")
        ] = None,
        payer: Annotated[str | None, Query(max_length=128, description="Your own id of the payer.")] = None,
        source: Annotated[
            str | None, Query(max_length=200, description="The reusable address or pay link: `address/REF`, or `REF`.")
        ] = None,
        created_from: Annotated[datetime | None, Query(description="Created at this time or later.")] = None,
        created_before: Annotated[datetime | None, Query(description="Created before this time.")] = None,
    ) -> None:
        names = {"phase": phase, "status": status, "outcome": outcome}
        keys = [(PAYER, payer)] if payer is not None else []
        self.about_attention = attention is not None or reason is not None
        self._fields: dict[str, Any] = {
            "columns": {name: str(value) for name, value in names.items() if value} | route_columns(route),
            "attention": attention,
            "reason": reason,
            "sources": source_names(source) if source else (),
            "keys": [*keys, *_metadata_keys(request)],
            "created_from": _in_utc(created_from),
            "created_before": _in_utc(created_before),
        }

    def filter(self, accounts: list[str] | None, attended: set[str]) -> OrderFilter:
        """Return which orders are wanted.

        Args:
            accounts: Those of these accounts; None for all.
            attended: The ended orders that need a person now.
        """
        return OrderFilter(accounts=accounts, attended=sorted(attended), **self._fields)


def cursor_of(last: PageEnd) -> str:
    """Return the cursor by which the next page begins after an order; opaque to callers."""
    text = f"{last.created_at.isoformat()} {last.workflow_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def page_end(cursor: str) -> PageEnd:
    """Return the order that a cursor names.

    Raises:
        InvalidArgument: It is no cursor of ours.
    """
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        at, _, workflow_id = text.partition(" ")
        return PageEnd(datetime.fromisoformat(at).astimezone(UTC), workflow_id)
    except (ValueError, OverflowError):
        remedy = "pass the next_cursor of the page before, unchanged"
        raise InvalidArgument("cursor", "is not one of this list", remedy) from None


def _in_utc(at: datetime | None) -> datetime | None:
    """Return a time as aware; one without a zone is read as UTC."""
    if at is None:
        return None
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        raise InvalidArgument("created_from", f"is {at}", "pass a time of this era") from None


def _metadata_keys(request: Request) -> list[tuple[str, str]]:
    given = [(name, value) for name, value in request.query_params.multi_items() if name.startswith("metadata")]
    found = [(_METADATA.fullmatch(name), value) for name, value in given]
    if not all(match for match, _ in found):
        complaint = "must be metadata[NAME]=VALUE, with letters, digits, dots, dashes and underscores in the name"
        raise InvalidArgument("metadata", complaint, "correct it: orders have no other names of metadata")
    return [(metadata_kind(match[1]), value) for match, value in found if match]
