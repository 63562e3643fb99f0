"""The body of `POST /quote`: every documented field, its limits, and the refusal for each way it can be wrong.

Reads raw JSON on purpose instead of sharing the client's models: a mistake in those must show here.
"""

import re
from dataclasses import dataclass

from baton.local.sandbox.api.fee_request import check_fee_plan, read_app_fees
from baton.local.sandbox.api.fields import Body, optional_text, text, whole
from baton.local.sandbox.engine.addresses import fits, invoice_sats, is_invoice
from baton.local.sandbox.engine.assets import CHAINS, SandboxFamily
from baton.local.sandbox.engine.pricing import PricedAppFee
from baton.local.sandbox.engine.routes import Route, find_route
from baton.local.sandbox.errors import ApiError, invalid

DEFAULT_SLIPPAGE_BPS = 50
EXACT_IN, EXACT_OUT = "exact_in", "exact_out"

_AMOUNT = re.compile(r"[0-9]{1,40}")


@dataclass(frozen=True)
class SandboxQuoteRequest:
    """A quote request that passed validation. `amount` counts what `amount_mode` fixes, in smallest units."""

    route: Route
    amount: int
    amount_mode: str
    recipient: str
    refund_address: str | None
    slippage_bps: int
    zeroconf_enabled: bool | None
    app_fees: tuple[PricedAppFee, ...]

    @property
    def is_exact_out(self) -> bool:
        """Tell whether the output is given and the input computed."""
        return self.amount_mode == EXACT_OUT


def read_route(body: Body) -> Route:
    """Return the route that the four fields name."""
    names = ("sourceChain", "sourceAsset", "destinationChain", "destinationAsset")
    source_chain, source_asset, chain, asset = (text(body, name) for name in names)
    return find_route((source_chain, source_asset), (chain, asset))


def read_amount(body: Body) -> int:
    """Return the positive amount, in smallest units."""
    amount = text(body, "amount")
    if not _AMOUNT.fullmatch(amount) or int(amount) == 0:
        raise invalid("amount must be a positive whole number of smallest units, written as a string of digits")
    return int(amount)


def read_amount_mode(body: Body, route: Route, amount: int) -> str:
    """Return the amount mode, having made sure that the route knows it."""
    mode = optional_text(body, "amountMode") or EXACT_IN
    if mode not in (EXACT_IN, EXACT_OUT):
        raise invalid("amountMode must be exact_in or exact_out")
    if mode == EXACT_OUT:
        _check_exact_out(route, amount)
    return mode


def read_slippage(body: Body, default: int = DEFAULT_SLIPPAGE_BPS) -> int:
    """Return the slippage bound in basis points."""
    value = body.get("slippageBps")
    if value is None:
        return default
    return whole(value, "slippageBps", 0, 1_000)


def parse_quote_request(body: Body, *, refund_required: bool = True) -> SandboxQuoteRequest:
    """Validate the body of a quote request.

    Args:
        body: The body.
        refund_required: Whether an exact-out request must say where refunds go.

    Raises:
        ApiError: With the documented code of the first thing that is wrong; the message names the field.
    """
    route, amount = read_route(body), read_amount(body)
    mode = read_amount_mode(body, route, amount)
    fees = read_app_fees(body)
    check_fee_plan(route, fees, exact_out=mode == EXACT_OUT)
    _check_delivery_mode(body)
    return SandboxQuoteRequest(
        route=route,
        amount=amount,
        amount_mode=mode,
        recipient=_recipient(body, route, mode, amount),
        refund_address=_refund_address(body, route, required=refund_required and mode == EXACT_OUT),
        slippage_bps=read_slippage(body),
        zeroconf_enabled=_zeroconf(body, route, mode),
        app_fees=fees,
    )


def _check_exact_out(route: Route, amount: int) -> None:
    if not route.exact_out_eligible:
        raise ApiError("unsupported_amount_mode", "this route does not offer exact_out")
    cent = route.destination.cent
    if cent and amount % cent:
        raise invalid(f"amount must be whole cents for exact_out: a multiple of {cent}")


def _check_delivery_mode(body: Body) -> None:
    mode = optional_text(body, "deliveryMode") or "variable"
    if mode not in ("variable", "fixed"):
        raise invalid("deliveryMode must be variable or fixed")
    if mode == "fixed":
        raise invalid("deliveryMode fixed is not enabled for this partner")


def _recipient(body: Body, route: Route, mode: str, amount: int) -> str:
    address, family = text(body, "recipientAddress"), route.destination.chain.family
    if not fits(address, family):
        raise ApiError("invalid_address", f"recipientAddress is not an address on {route.destination.chain.name}")
    asked = invoice_sats(address) if family is SandboxFamily.LIGHTNING else None
    if asked is not None and (mode == EXACT_IN or asked != amount):
        wanted = "carry no amount" if mode == EXACT_IN else "ask for exactly the amount"
        raise ApiError("invalid_address", f"recipientAddress: the invoice must {wanted}")
    return address


def _refund_address(body: Body, route: Route, *, required: bool) -> str | None:
    address, chain_name = optional_text(body, "refundAddress"), optional_text(body, "refundChain")
    chain = CHAINS.get(chain_name or route.source.chain.name)
    if chain is None:
        raise invalid(f"refundChain {chain_name} is not a chain")
    if address is None:
        if required:
            raise invalid("refundAddress is required for exact_out")
        return None
    amounts = chain.family is SandboxFamily.LIGHTNING and is_invoice(address) and invoice_sats(address) is not None
    if amounts or not fits(address, chain.family):
        raise ApiError("invalid_address", f"refundAddress is not an address on {chain.name}")
    return address


def _zeroconf(body: Body, route: Route, mode: str) -> bool | None:
    """Return whether the order may be credited unconfirmed; None where that is no question."""
    wish = body.get("zeroconfEnabled")
    if wish is not None and not isinstance(wish, bool):
        raise invalid("zeroconfEnabled must be true or false")
    if route.source.chain.family is not SandboxFamily.BITCOIN or mode == EXACT_OUT:
        return None
    return True if wish is None else wish
