"""Money that comes to the address of an order that has closed for lack of it: the order that goes on with it. Pure."""

from datetime import datetime

from baton.orchestra.models import Quote
from baton.orders.answers import QuoteLine, Snapshot
from baton.orders.models import OnQuoteExpiry, Outcome, Phase
from baton.orders.names import follow_up_reference
from baton.orders.place_order import SWAP, PlaceOrder
from baton.orders.seen_deposits import PAYS, DepositNotice, verdict_on
from baton.orders.state import OrderState, TakenQuote


def follow_up_of(closed: Snapshot, notice: DepositNotice, now: datetime) -> PlaceOrder | None:
    """Return the order that goes on with a deposit, under the quotes of the one that has closed.

    Returns:
        The order, which waits for its deposit anew; None where a person has to see to the money: the order ended
        otherwise than by expiring unpaid, or the deposit does not pay it.
    """
    quotes = [_taken(line, closed.opened_at) for line in closed.quotes]
    quote = next((one.quote for one in reversed(quotes) if one.quote.deposit_address == notice.deposit.address), None)
    unpaid = closed.kind == SWAP and closed.outcome is Outcome.EXPIRED and not (closed.order_id or closed.proof)
    if quote is None or not unpaid or verdict_on(notice.deposit, quote, closed.source_asset, []) not in PAYS:
        return None
    return PlaceOrder(
        account=closed.account,
        reference=follow_up_reference(closed.reference),
        request=closed.request,
        # Its quotes have expired already, and the money is there: neither may end it at once.
        policy=closed.policy.model_copy(update={"on_quote_expiry": OnQuoteExpiry.WAIT}),
        payer=closed.payer,
        state=OrderState(phase=Phase.AWAITING_DEPOSIT, opened_at=now, heard_at=now, quotes=quotes),
    )


def _taken(line: QuoteLine, at: datetime) -> TakenQuote:
    return TakenQuote(quote=Quote.model_validate(line.model_dump()), taken_at=at, expiry_handled=True)
