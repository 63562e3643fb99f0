"""The bodies of standing deposit addresses. They reject unknown fields, unlike most of the partner API."""

import re
from collections.abc import Mapping
from typing import Any

from baton.local.sandbox.api.fee_request import read_app_fees
from baton.local.sandbox.api.fields import Body, text, whole
from baton.local.sandbox.engine.addresses import fits
from baton.local.sandbox.engine.affiliates import Terms
from baton.local.sandbox.engine.assets import CHAINS
from baton.local.sandbox.engine.standing import Instruction, destinations
from baton.local.sandbox.errors import ApiError, invalid

MOST_DEPOSITS = 200
"""How many deposits one request may resolve."""

DEFAULT_SLIPPAGE_BPS = 50

_REF = re.compile(r"[^/\x00-\x1f]{1,128}")
_FIELDS = frozenset({"destination", "slippageBps", "affiliateIds", "refundAddresses"})
_DESTINATION_FIELDS = frozenset({"chain", "asset", "address"})


def read_ref(ref: str) -> str:
    """Return the partner's reference from the path.

    Raises:
        ApiError: `invalid_request`.
    """
    if not _REF.fullmatch(ref):
        raise invalid("ref must have 1 to 128 characters")
    return ref


def read_instruction(body: Body, affiliates: Terms) -> Instruction:
    """Return the instruction of a `PUT`.

    Args:
        body: The request.
        affiliates: The partner's registered affiliates.

    Raises:
        ApiError: The body is invalid; the message names the field.
    """
    only(body, _FIELDS, "")
    destination = body.get("destination")
    if not isinstance(destination, dict):
        raise invalid("destination must be an object with chain, asset and address")
    only(destination, _DESTINATION_FIELDS, "destination.")
    chain, asset = text(destination, "chain"), text(destination, "asset")
    if (chain, asset) not in {(known.chain.name, known.symbol) for known in destinations()}:
        raise ApiError("unsupported_route", f"destination: {chain}:{asset} is not a destination of standing addresses")
    slippage = body.get("slippageBps")
    return Instruction(
        chain=chain,
        asset=asset,
        recipient=_address(destination.get("address"), chain, "destination.address"),
        slippage_bps=DEFAULT_SLIPPAGE_BPS if slippage is None else whole(slippage, "slippageBps", 0, 10_000),
        fees=read_app_fees({"affiliateIds": body["affiliateIds"]}, affiliates) if body.get("affiliateIds") else (),
        refund_addresses=_refund_addresses(body.get("refundAddresses")),
    )


def read_enabled(body: Body) -> bool:
    """Return the state that a `PATCH` asks for.

    Raises:
        ApiError: `invalid_request`, naming the field.
    """
    only(body, frozenset({"enabled"}), "")
    enabled = body.get("enabled")
    if not isinstance(enabled, bool):
        raise invalid("enabled must be true or false")
    return enabled


def read_deposit_ids(body: Body) -> list[str] | None:
    """Return the deposits that a resolve names; None if it names a batch.

    Raises:
        ApiError: `invalid_request`, naming the field.
    """
    only(body, frozenset({"depositIds", "batchId", "refundAddress"}), "")
    ids = body.get("depositIds")
    if (ids is None) == (body.get("batchId") is None):
        raise invalid("give either depositIds or batchId")
    if ids is None:
        return None
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_DEPOSITS or not all(isinstance(id_, str) for id_ in ids):
        raise invalid(f"depositIds must be a list of 1 to {MOST_DEPOSITS} ids")
    return ids


def only(body: Mapping[str, Any], known: frozenset[str], prefix: str) -> None:
    """Refuse a body with a field that is not known.

    Raises:
        ApiError: `invalid_request`, naming the field.
    """
    unknown_fields = sorted(body.keys() - known)
    if unknown_fields:
        raise invalid(f"{prefix}{unknown_fields[0]} is not a field of this request")


def _refund_addresses(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid("refundAddresses must be an object of addresses by chain")
    return {chain: _address(address, chain, f"refundAddresses.{chain}") for chain, address in value.items()}


def _address(address: Any, chain: str, name: str) -> str:
    known = CHAINS.get(chain)
    if known is None:
        raise invalid(f"{name}: {chain} is not a chain")
    if not isinstance(address, str) or not fits(address, known.family):
        raise ApiError("invalid_address", f"{name} is not an address on {chain}")
    return address
