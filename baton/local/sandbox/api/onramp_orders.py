"""Onramp orders, which exist before they are paid and have an invoice that expires; and the pay links to them."""

import secrets
from typing import Any

from baton.local.sandbox.api.fields import Body, optional_text, text
from baton.local.sandbox.api.onramp_request import parse_onramp_request
from baton.local.sandbox.api.quote_answer import quote_answer
from baton.local.sandbox.engine.resources import SandboxPayLink, payment_app_link, short_url
from baton.local.sandbox.engine.store import EXACT_OUT, SandboxOrder, SandboxQuote
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import invalid

_LINK_FIELDS = ("destinationChain", "destinationAsset", "recipientAddress", "amountFiatUsd", "affiliateId")
_LINK_ASSETS = ("USDB", "USDC", "USDT", "PathUSD")


class Onramps:
    """Makes the onramp orders and pay links of one sandbox."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    def create(
        self, partner: str, body: Body, *, pay_link: SandboxPayLink | None = None
    ) -> tuple[SandboxOrder, dict[str, Any]]:
        """Make an order that waits for its invoice to be paid.

        Args:
            partner: Owner of the order.
            body: The request.
            pay_link: The pay link that was clicked, if any.

        Returns:
            The order, and the fields of the answer besides the quote's.

        Raises:
            ApiError: The body is invalid; the code is the documented one of its first error.
        """
        world = self._world
        affiliates = world.affiliates.of(partner)
        request = parse_onramp_request(body, world.prices, affiliates, spot_known=world.spot_known)
        quote = world.quote(partner, request.quote, ttl=world.options.invoice_ttl)
        quote.fiat, quote.pay_link = request.fiat, pay_link
        order = world.intake.unpaid.await_payment(quote)
        extras: dict[str, Any] = {"ignoredFields": list(request.ignored)} if request.ignored else {}
        if request.fiat is not None:
            extras["spotUsdPerBtc"] = request.fiat.fields["spotUsdPerBtc"]
        return order, extras

    def create_link(self, partner: str, body: Body) -> SandboxPayLink:
        """Make a pay link and return it.

        Raises:
            ApiError: The body is invalid; the code is the documented one of its first error, the message names the
                field.
        """
        link = SandboxPayLink(
            id=f"pl_{secrets.token_hex(6)}",
            short_id=secrets.token_urlsafe(6),
            partner=partner,
            body=self._link_body(body),
            label=optional_text(body, "label"),
            created_at=self._world.clock.now(),
        )
        self._world.store.pay_links[link.id] = link
        return link

    def _link_body(self, body: Body) -> dict[str, Any]:
        fields = {name: body[name] for name in _LINK_FIELDS if body.get(name) is not None}
        amount_out = optional_text(body, "amountOut")
        if (amount_out is None) == ("amountFiatUsd" not in fields):
            raise invalid("give exactly one of amountOut and amountFiatUsd")
        if text(body, "destinationAsset") not in _LINK_ASSETS:
            raise invalid(f"destinationAsset must be one of {', '.join(_LINK_ASSETS)}")
        if amount_out is not None:
            fields |= {"amount": amount_out, "amountMode": EXACT_OUT}
        # A link outlives any price, so making it must not depend on whether the spot price is available now.
        parse_onramp_request(fields, self._world.prices, spot_known=True)
        return fields

    def shorten(self, quote: SandboxQuote) -> str:
        """Return a new short code for the quote's invoice."""
        code = secrets.token_urlsafe(6)
        self._world.store.short_links[code] = quote.id
        return code


def onramp_answer(order: SandboxOrder, extras: dict[str, Any], base_url: str, code: str) -> dict[str, Any]:
    """Return the answer of `POST /onramp`."""
    quote = order.quote
    links = {"cashApp": payment_app_link(quote.deposit_address), "shortUrl": short_url(base_url, code)}
    return {"orderId": order.id, **quote_answer(quote), "paymentLinks": links, **extras}
