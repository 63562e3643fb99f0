"""The body of `POST /quote`: every documented field, its limits, and the refusal for each kind of error.

It reads raw JSON on purpose. If it shared the client's models, a mistake in them would go unnoticed here.
"""

import re

from baton.local.sandbox.api.fee_request import check_fee_plan, read_app_fees
from baton.local.sandbox.api.fields import Body, optional_text, text, whole
from baton.local.sandbox.engine.addresses import fits, invoice_sats, is_invoice
from baton.local.sandbox.engine.affiliates import NO_TERMS, Terms
from baton.local.sandbox.engine.assets import CHAINS, SandboxFamily
from baton.local.sandbox.engine.routes import SandboxRoute, find_route
from baton.local.sandbox.engine.store import EXACT_IN, EXACT_OUT, SandboxQuoteRequest
from baton.local.sandbox.errors import ApiError, invalid

DEFAULT_SLIPPAGE_BPS = 50

_AMOUNT = re.compile(r"[0-9]{1,40}")


def read_route(body: Body) -> SandboxRoute:
    """Return the route that the four chain and asset fields name.

    Raises:
        ApiError: `invalid_request` or `unsupported_route`.
    """
    names = ("sourceChain", "sourceAsset", "destinationChain", "destinationAsset")
    source_chain, source_asset, chain, asset = (text(body, name) for name in names)
    return find_route((source_chain, source_asset), (chain, asset))


def read_amount(body: Body) -> int:
    """Return the positive amount, in smallest units.

    Raises:
        ApiError: `invalid_request`.
    """
    amount = text(body, "amount")
    if not _AMOUNT.fullmatch(amount) or int(amount) == 0:
        raise invalid("amount must be a positive whole number of smallest units, written as a string of digits")
    return int(amount)


def read_amount_mode(body: Body, route: SandboxRoute, amount: int) -> str:
    """Return the amount mode, which the route must support.

    Raises:
        ApiError: `invalid_request` or `unsupported_amount_mode`.
    """
    mode = optional_text(body, "amountMode") or EXACT_IN
    if mode not in (EXACT_IN, EXACT_OUT):
        raise invalid("amountMode must be exact_in or exact_out")
    if mode == EXACT_OUT:
        _check_exact_out(route, amount)
    return mode


def read_slippage(body: Body, default: int = DEFAULT_SLIPPAGE_BPS) -> int:
    """Return the slippage bound in basis points.

    Raises:
        ApiError: `invalid_request`.
    """
    value = body.get("slippageBps")
    if value is None:
        return default
    return whole(value, "slippageBps", 0, 1_000)


def parse_quote_request(
    body: Body, affiliates: Terms = NO_TERMS, *, refund_required: bool = True
) -> SandboxQuoteRequest:
    """Return the validated body of a quote request.

    Args:
        body: The body.
        affiliates: The partner's registered affiliates.
        refund_required: Whether an exact-out request must name a refund address.

    Raises:
        ApiError: The body is invalid; the code is the documented one of its first error, the message names the field.
    """
    route, amount = read_route(body), read_amount(body)
    mode = read_amount_mode(body, route, amount)
    fees = read_app_fees(body, affiliates)
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


def _check_exact_out(route: SandboxRoute, amount: int) -> None:
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


def _recipient(body: Body, route: SandboxRoute, mode: str, amount: int) -> str:
    address, family = text(body, "recipientAddress"), route.destination.chain.family
    if not fits(address, family):
        raise ApiError("invalid_address", f"recipientAddress is not an address on {route.destination.chain.name}")
    sats = invoice_sats(address) if family is SandboxFamily.LIGHTNING else None
    if sats is not None and (mode == EXACT_IN or sats != amount):
        rule = "carry no amount" if mode == EXACT_IN else "ask for exactly the amount"
        raise ApiError("invalid_address", f"recipientAddress: the invoice must {rule}")
    return address


def _refund_address(body: Body, route: SandboxRoute, *, required: bool) -> str | None:
    address, chain_name = optional_text(body, "refundAddress"), optional_text(body, "refundChain")
    chain = CHAINS.get(chain_name or route.source.chain.name)
    if chain is None:
        raise invalid(f"refundChain {chain_name} is not a chain")
    if address is None:
        if required:
            raise invalid("refundAddress is required for exact_out")
        return None
    # A refund can pay any amount, so an invoice that fixes one cannot take it.
    fixed = chain.family is SandboxFamily.LIGHTNING and is_invoice(address) and invoice_sats(address) is not None
    if fixed or not fits(address, chain.family):
        raise ApiError("invalid_address", f"refundAddress is not an address on {chain.name}")
    return address


def _zeroconf(body: Body, route: SandboxRoute, mode: str) -> bool | None:
    """Return whether the deposit may be credited unconfirmed; None where ZeroConf does not apply."""
    enabled = body.get("zeroconfEnabled")
    if enabled is not None and not isinstance(enabled, bool):
        raise invalid("zeroconfEnabled must be true or false")
    if route.source.chain.family is not SandboxFamily.BITCOIN or mode == EXACT_OUT:
        return None
    return True if enabled is None else enabled
