"""What an address or a link exchanges, as a quote request, to check its route before it is created. Pure."""

from baton.orchestra.models import QuoteRequest
from baton.orchestra.pay_link_models import PayLinkRequest
from baton.orchestra.rules.addresses import priced_request
from baton.orchestra.rules.pay_links import quote_of_link
from baton.sources.create_source import SourceRequest


def quote_request_of(request: SourceRequest) -> QuoteRequest | None:
    """Return the exchange; its amount is 0 where none is fixed. None for an address on any chain."""
    return quote_of_link(request) if isinstance(request, PayLinkRequest) else priced_request(request)
