"""The follow-up order of a deposit that arrives after its order closed unpaid. Pure."""

from datetime import datetime

from baton.orchestra.models import Quote
from baton.orders.answers import QuoteLine, Snapshot
from baton.orders.models import OnQuoteExpiry, Outcome, Phase
from baton.orders.names import follow_up_reference
from baton.orders.place_order import SWAP, PlaceOrder
from baton.orders.seen_deposits import PAYS, DepositNotice, verdict_on
from baton.orders.state import OrderState, TakenQuote


def follow_up_of(closed: Snapshot, notice: DepositNotice, now: datetime) -> PlaceOrder | None:
    """Return the order that continues with a late deposit, under the quotes of the closed order.

    Returns:
        An order that waits for this deposit; None where a person must decide about the money, because the closed order
        did not expire unpaid or the deposit does not pay it.
    """
    quotes = [_taken_quote(line, closed.opened_at) for line in closed.quotes]
    quote = next(
        (taken.quote for taken in reversed(quotes) if taken.quote.deposit_address == notice.deposit.address), None
    )
    unpaid = closed.kind == SWAP and closed.outcome is Outcome.EXPIRED and not (closed.order_id or closed.proof)
    if quote is None or not unpaid or verdict_on(notice.deposit, quote, closed.source_asset, []) not in PAYS:
        return None
    return PlaceOrder(
        account=closed.account,
        reference=follow_up_reference(closed.reference),
        request=closed.request,
        # The quotes have expired, but the money is there: their expiry must not close the follow-up.
        policy=closed.policy.model_copy(update={"on_quote_expiry": OnQuoteExpiry.WAIT}),
        payer=closed.payer,
        state=OrderState(phase=Phase.AWAITING_DEPOSIT, opened_at=now, heard_at=now, quotes=quotes),
    )


def _taken_quote(line: QuoteLine, at: datetime) -> TakenQuote:
    return TakenQuote(quote=Quote.model_validate(line.model_dump()), taken_at=at, expiry_handled=True)
