"""Past ZeroConf offers as the ledger tells them, and as a file does."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from baton.cli.errors import USAGE, CommandFailed
from baton.cli.policy_trial import PastOffer
from baton.orchestra.json_body import complaint
from baton.orchestra.rules.zeroconf import PENDING, ZeroConfOffer
from baton.orders.reports import ApprovalReport

if TYPE_CHECKING:
    from baton.ledger.ledger import Ledger
    from baton.ledger.rows import OrderRow

PAGE = 500
"""Orders that are looked through at a time; the ledger gives no more."""
LONGEST_WAIT = timedelta(days=31)
"""How long after its order an offer may come at most: a deposit is waited for 30 days, then confirmed."""

_REPORTS = TypeAdapter(list[ApprovalReport])


class History(NamedTuple):
    """Past offers; `untold` counts those that were recorded without what it takes to judge them."""

    offers: list[PastOffer]
    untold: int


async def past_offers(
    ledger: "Ledger", account: str, since: datetime | None, say: Callable[[str], None] = lambda _: None
) -> History:
    """Return an account's offers from all its orders.

    Args:
        ledger: Where the orders are recorded.
        account: The partner account.
        since: Only offers made since then; None for all.
        say: Told how far the search is, after each page.

    Raises:
        LedgerError: The ledger did not answer.
    """
    offers: list[PastOffer] = []
    untold = looked = 0
    last: str | None = None
    while page := await ledger.orders(account=account, limit=PAGE, before=last):
        for row in page:
            found = _offers_of(row, since)
            offers += found.offers
            untold += found.untold
        looked += len(page)
        say(f"{looked} orders looked through, {len(offers)} offers found")
        last = page[-1].workflow_id
        if since is not None and page[-1].created_at < since - LONGEST_WAIT:
            break
    return History(offers, untold)


def _offers_of(row: "OrderRow", since: datetime | None) -> History:
    try:
        reports = _REPORTS.validate_python(row.snapshot.get("approvals") or [])
    except ValidationError:  # a row of another version
        return History([], 0)
    made = [(one, _time_of(one.offer, row.created_at)) for one in reports]
    wanted = [(one, at) for one, at in made if since is None or at >= since]
    offers = [PastOffer(reference=row.reference, at=at, offer=one.offer, report=one) for one, at in wanted if one.offer]
    return History(offers, len(wanted) - len(offers))


def _time_of(offer: ZeroConfOffer | None, else_at: datetime) -> datetime:
    return offer.offered_at if offer and offer.offered_at else else_at


def read_past_offer(document: Mapping[str, Any]) -> PastOffer:
    """Return the offer in a document: the offer itself, or a status, webhook or order that holds one.

    Raises:
        CommandFailed: There is none that can be read.
    """
    inner = next((document[name] for name in ("order", "data") if isinstance(document.get(name), dict)), document)
    content = inner.get("zeroconfOffer", inner)
    if isinstance(content, dict):
        content = {"status": PENDING, **content}
    try:
        offer = ZeroConfOffer.model_validate(content)
    except ValidationError as error:
        raise CommandFailed(USAGE, "invalid_offer", f"--offer: {complaint(error)}") from None
    if offer.deposit_sats is None and offer.instant_sats is None:
        raise CommandFailed(
            USAGE, "invalid_offer", "--offer: depositSats is missing; give an offer, or an order with one"
        )
    return PastOffer(at=_time_of(offer, datetime.now(UTC)), offer=offer)


def read_since(text: str, now: datetime) -> datetime:
    """Return the moment that `--since` names: a day, a time, or how long ago as ISO-8601 (`P7D`).

    Raises:
        CommandFailed: It is none of these.
    """
    try:
        if text.upper().startswith("P"):
            return now - TypeAdapter(timedelta).validate_python(text.upper())
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        what = "write a day or time such as 2026-03-01, or how long ago such as P7D"
        raise CommandFailed(USAGE, "invalid_since", f"--since {text}: {what}") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
