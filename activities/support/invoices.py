"""Refuses a quote with a wrong Lightning invoice, before a payer can see the invoice."""

from datetime import UTC, datetime

from activities.support.failures import refused
from baton.encoding.invoices import MAINNET, Invoice, amount_objection, read_invoice
from baton.orchestra.models import Quote
from baton.orders.messages import Refusal
from baton.process.logs import get_logger
from baton.settings import PartnerAccount

LIGHTNING = "lightning"
INVOICE_MISMATCH = "invoice_mismatch"
INVOICE_EXPIRED = "invoice_expired"

_log = get_logger(__name__)


def check_invoice(account: PartnerAccount, quote: Quote) -> None:
    """Check that a quote's invoice is for the right network and amount, and can still be paid.

    An unreadable invoice passes: no wallet can pay it either, and test doubles of the API make such invoices.

    Args:
        account: The account of the quote. An API reached over plain http is a sandbox, where any network passes.
        quote: A quote that is paid over Lightning: its deposit address is the invoice.

    Raises:
        ApplicationError: The invoice is refused. If it has expired (Orchestra stored the answer under the idempotency
            key long ago), the refusal allows another quote.
    """
    try:
        invoice = read_invoice(quote.deposit_address)
    except ValueError as error:
        _log.warning("the invoice of a quote cannot be read", quote_id=quote.quote_id, reason=str(error))
        return
    if objection := _network_objection(invoice, account) or _amount_objection(invoice, quote):
        raise refused(Refusal(code=INVOICE_MISMATCH, message=objection))
    if invoice.expires <= datetime.now(UTC):
        message = f"the invoice expired at {invoice.expires:%Y-%m-%d %H:%M:%S} UTC, before anybody could pay it"
        raise refused(Refusal(code=INVOICE_EXPIRED, message=message, ask_anew=True))


def _network_objection(invoice: Invoice, account: PartnerAccount) -> str | None:
    if invoice.network == MAINNET or not account.base_url.startswith("https:"):
        return None
    return f"the invoice is for the network {invoice.network}, where only test coins are paid"


def _amount_objection(invoice: Invoice, quote: Quote) -> str | None:
    """Return why the amount is wrong. An exact-out quote accepts a range, see `baton.orchestra.rules.money`."""
    least, most = quote.required_amount_in or quote.amount_in, quote.max_accepted_amount_in or quote.amount_in
    return amount_objection(invoice, min(least, quote.amount_in), max(most, quote.amount_in))
