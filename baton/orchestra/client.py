"""The partner API over HTTP: one coroutine for each call, a model for each answer, one tree of errors."""

from baton.orchestra.calls.address_deposits import AddressDepositCalls
from baton.orchestra.calls.addresses import AddressCalls
from baton.orchestra.calls.affiliates import AffiliateCalls
from baton.orchestra.calls.approvals import ApprovalCalls
from baton.orchestra.calls.catalogue import CatalogueCalls
from baton.orchestra.calls.offramp import OfframpCalls
from baton.orchestra.calls.onramp import OnrampCalls
from baton.orchestra.calls.orders import OrderCalls
from baton.orchestra.calls.pay_links import PayLinkCalls
from baton.orchestra.calls.webhooks import WebhookCalls
from baton.orchestra.sse import StatusStream


class OrchestraClient(
    OrderCalls,
    ApprovalCalls,
    OnrampCalls,
    OfframpCalls,
    CatalogueCalls,
    WebhookCalls,
    AffiliateCalls,
    PayLinkCalls,
    AddressCalls,
    AddressDepositCalls,
    StatusStream,
):
    """One partner account's access to the API. Use it as an async context manager, or call `aclose`.

    Every call raises `baton.orchestra.errors.OrchestraError`: `NoAnswer` when the network fails or the time runs out,
    `MalformedAnswer` when a success cannot be read, and an `ErrorAnswer` for every error that the API answers with.
    `replayed` of an answer to a call under an idempotency key says whether the API repeated a stored one.

    Args:
        base_url: URL of the API, http or https, with or without a path and a trailing slash.
        api_key: The partner's key. Without one no `Authorization` header is sent, which is enough for public calls.
        timeout: Seconds that one call may take, from connecting to the last byte.
        transport: An httpx transport that replaces the network, for tests.
        observe: Gets a report of each call that ended.

    Raises:
        ValueError: `base_url` or `api_key` cannot be used; the text says why and never repeats the key.
    """
