"""The endpoint of off-ramps: a quote that pays BTC over Lightning to a Cash App name or a Lightning address.

Unlike the other endpoints it refuses fields that it does not know. Source: the partner API reference, off-ramp.
"""

import re
from typing import Any

from starlette.routing import Route as HttpRoute

from baton.local.sandbox.api.fields import Body, text
from baton.local.sandbox.api.gate import Call, Gate
from baton.local.sandbox.api.quote_answer import quote_answer
from baton.local.sandbox.api.quote_request import parse_quote_request
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError, invalid

_KNOWN = frozenset(
    {
        *("sourceChain", "sourceAsset", "amount", "recipientAddress", "refundAddress"),
        *("slippageBps", "appFees", "affiliateId", "affiliateIds"),
    }
)
_DESTINATION = {"destinationChain": "lightning", "destinationAsset": "BTC"}
_NAME = re.compile(r"\$?([A-Za-z0-9_-]{1,20})")
_LIGHTNING_ADDRESS = re.compile(r"[^@\s/]+@[^@\s/]+\.[^@\s/]+")


class OfframpApi:
    """The handler of off-ramps."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    def offramp(self, call: Call) -> dict[str, Any]:
        """`POST /v1/orchestration/offramp`: answers like `POST /quote`; the deposit makes the order."""
        if unknown_fields := sorted(set(call.body) - _KNOWN):
            raise invalid(f"unknown fields: {', '.join(unknown_fields)}")
        recipient = {"recipientAddress": _recipient(call.body)}
        request = parse_quote_request({**call.body, **recipient, **_DESTINATION})
        return quote_answer(self._world.quote(call.owner, request))


def offramp_routes(world: SandboxWorld, gate: Gate) -> list[HttpRoute]:
    """Return the HTTP route of off-ramps."""
    handler = gate.endpoint("offramp", OfframpApi(world).offramp, mutating=True)
    return [HttpRoute("/v1/orchestration/offramp", handler, methods=["POST"])]


def _recipient(body: Body) -> str:
    """Return the Lightning address that is paid; a bare name is one of Cash App."""
    given = text(body, "recipientAddress")
    if name := _NAME.fullmatch(given):
        return f"{name[1]}@cash.app"
    if _LIGHTNING_ADDRESS.fullmatch(given):
        return given
    raise ApiError("invalid_address", "recipientAddress must be a Cash App username or a Lightning address")
