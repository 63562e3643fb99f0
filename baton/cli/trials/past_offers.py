"""Past ZeroConf offers, read from the ledger or from a file."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from baton.cli.errors import USAGE, CommandFailed
from baton.cli.trials.policy import PastOffer
from baton.orchestra.json_body import complaint
from baton.orchestra.rules.zeroconf import PENDING, ZeroConfOffer
from baton.orders.reports import ApprovalReport

if TYPE_CHECKING:
    from baton.ledger.ledger import Ledger
    from baton.ledger.rows import OrderRow

PAGE = 500
"""Orders read at a time; the ledger's own limit."""
LONGEST_WAIT = timedelta(days=31)
"""The longest time between an order and its offer: up to 30 days for the deposit, then its confirmation."""

_REPORTS = TypeAdapter(list[ApprovalReport])


class OfferHistory(NamedTuple):
    """Past offers; `incomplete` counts those recorded without the figures needed to judge them."""

    offers: list[PastOffer]
    incomplete: int


async def past_offers(
    ledger: "Ledger", account: str, since: datetime | None, report: Callable[[str], None] = lambda _: None
) -> OfferHistory:
    """Return an account's offers from all its orders.

    Args:
        ledger: Where the orders are recorded.
        account: The partner account.
        since: Only offers made since then; None for all.
        report: Called with the progress after each page.

    Raises:
        LedgerError: The ledger did not answer.
    """
    offers: list[PastOffer] = []
    incomplete = orders = 0
    last: str | None = None
    while page := await ledger.orders(account=account, limit=PAGE, before=last):
        for row in page:
            history = _offers_of(row, since)
            offers += history.offers
            incomplete += history.incomplete
        orders += len(page)
        report(f"{orders} orders read, {len(offers)} offers found")
        last = page[-1].workflow_id
        if since is not None and page[-1].created_at < since - LONGEST_WAIT:
            break
    return OfferHistory(offers, incomplete)


def _offers_of(row: "OrderRow", since: datetime | None) -> OfferHistory:
    try:
        reports = _REPORTS.validate_python(row.snapshot.get("approvals") or [])
    except ValidationError:  # a row of another version
        return OfferHistory([], 0)
    dated = [(report, _time_of(report.offer, row.created_at)) for report in reports]
    recent = [(report, at) for report, at in dated if since is None or at >= since]
    offers = [
        PastOffer(reference=row.reference, at=at, offer=report.offer, report=report)
        for report, at in recent
        if report.offer
    ]
    return OfferHistory(offers, len(recent) - len(offers))


def _time_of(offer: ZeroConfOffer | None, default: datetime) -> datetime:
    return offer.offered_at if offer and offer.offered_at else default


def read_past_offer(document: Mapping[str, Any]) -> PastOffer:
    """Return the offer in a document: the offer itself, or a status, webhook or order that holds one.

    Raises:
        CommandFailed: The document holds no offer that can be read.
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
    """Return the time given with `--since`: a day, a time, or an ISO-8601 duration before now (`P7D`).

    Raises:
        CommandFailed: It is none of these.
    """
    try:
        if text.upper().startswith("P"):
            return now - TypeAdapter(timedelta).validate_python(text.upper())
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        remedy = "write a day or time such as 2026-03-01, or a duration before now such as P7D"
        raise CommandFailed(USAGE, "invalid_since", f"--since {text}: {remedy}") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
