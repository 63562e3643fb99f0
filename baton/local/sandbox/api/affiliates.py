"""The endpoints of affiliates and their claims. Source: the partner API reference, affiliates and fees."""

import re
from typing import Any

from starlette.routing import Route as HttpRoute

from baton.local.sandbox.api.fields import Body, text, whole
from baton.local.sandbox.api.gate import Call, Gate
from baton.local.sandbox.api.idempotency import Answer
from baton.local.sandbox.engine.addresses import fits
from baton.local.sandbox.engine.affiliates import SandboxAffiliate, SandboxClaim, SettlementLedger
from baton.local.sandbox.engine.assets import ASSETS, CHAINS, SandboxFamily
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError, invalid, unknown

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_MAX_FEE_BPS = 9_999


class AffiliatesApi:
    """The handlers of affiliates and claims."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world
        self._affiliates = world.affiliates

    def put(self, call: Call) -> dict[str, Any]:
        """`PUT /v1/affiliates/{id}`: register an affiliate, or change it."""
        affiliate_id = call.path["id"]
        if not _ID.fullmatch(affiliate_id):
            raise invalid("affiliateId must have 1 to 64 small letters, digits, dashes and underscores")
        now = self._world.clock.now()
        affiliate = SandboxAffiliate(
            affiliate_id,
            call.owner,
            whole(call.body.get("feeBps"), "feeBps", 1, _MAX_FEE_BPS),
            *_destination(call.body),
            created_at=now,
            updated_at=now,
        )
        return {"affiliate": self._affiliates.put(affiliate).document}

    def all(self, call: Call) -> dict[str, Any]:
        """`GET /v1/affiliates`."""
        limit, offset = _page(call, "limit", 200, 1, 1_000), _page(call, "offset", 0, 0, 10**9)
        include_disabled = call.query.get("includeDisabled") == "true"
        found = [each for each in self._affiliates.of(call.owner).values() if each.enabled or include_disabled]
        return {"affiliates": [affiliate.document for affiliate in found[offset : offset + limit]]}

    def delete(self, call: Call) -> dict[str, Any]:
        """`DELETE /v1/affiliates/{id}`: disable an affiliate."""
        self._affiliates.disable(call.owner, call.path["id"])
        return {"ok": True}

    def claim(self, call: Call) -> Answer:
        """`POST /v1/affiliates/{id}/claim`: claim a whole balance; the newer API lets the body name its ledger."""
        claim = self._affiliates.claim(call.owner, call.path["id"], _ledger(call.body))
        return Answer(201, {"claim": claim.document})

    def claims(self, call: Call) -> dict[str, Any]:
        """`GET /v1/affiliates/{id}/claims`: the newest first."""
        limit, offset = _page(call, "limit", 50, 1, 200), _page(call, "offset", 0, 0, 10**9)
        ledger = _ledger(call.query)
        claims = [each for each in self._claims(call) if ledger in (None, each.ledger)]
        more = offset + limit if len(claims) > offset + limit else None
        return {"claims": [claim.document for claim in claims[offset : offset + limit]], "nextOffset": more}

    def get_claim(self, call: Call) -> dict[str, Any]:
        """`GET /v1/affiliates/{id}/claims/{claimId}`."""
        found = [claim for claim in self._claims(call) if claim.id == call.path["claimId"]]
        if not found:
            raise unknown(f"no claim {call.path['claimId']}")
        return {"claim": found[0].document}

    def _claims(self, call: Call) -> list[SandboxClaim]:
        affiliate = self._affiliates.get(call.owner, call.path["id"])
        return self._affiliates.claims_of(call.owner, affiliate.id)


def affiliate_routes(world: SandboxWorld, gate: Gate) -> list[HttpRoute]:
    """Return the HTTP routes of affiliates and claims."""
    api, item = AffiliatesApi(world), "/v1/affiliates/{id}"
    return [
        HttpRoute("/v1/affiliates", gate.endpoint("affiliates", api.all)),
        HttpRoute(item, gate.endpoint("affiliates", api.put, mutating=True), methods=["PUT"]),
        HttpRoute(item, gate.endpoint("affiliates", api.delete, mutating=True), methods=["DELETE"]),
        HttpRoute(f"{item}/claim", gate.endpoint("claim", api.claim, mutating=True), methods=["POST"]),
        HttpRoute(f"{item}/claims", gate.endpoint("claims", api.claims)),
        HttpRoute(f"{item}/claims/{{claimId}}", gate.endpoint("claims", api.get_claim)),
    ]


def _destination(body: Body) -> tuple[str, str, str]:
    chain, asset, address = (text(body, name) for name in ("payoutChain", "payoutAsset", "payoutAddress"))
    # An invoice is for one payment, so Lightning is no destination.
    if (chain, asset) not in ASSETS or CHAINS[chain].family is SandboxFamily.LIGHTNING:
        raise ApiError("invalid_payout_destination", f"payoutChain, payoutAsset: {chain}:{asset} cannot be paid out to")
    if not fits(address, CHAINS[chain].family):
        raise ApiError("invalid_address", f"payoutAddress is not an address on {chain}")
    return chain, asset, address


def _ledger(fields: Any) -> SettlementLedger | None:
    chain, asset = fields.get("settlementChain"), fields.get("settlementAsset")
    if (chain is None) != (asset is None):
        raise invalid("settlementChain and settlementAsset belong together")
    if chain is None:
        return None
    if (chain, asset) not in ASSETS:
        raise invalid(f"settlementChain, settlementAsset: there is no {chain}:{asset}")
    return chain, asset


def _page(call: Call, name: str, default: int, least: int, most: int) -> int:
    value = call.query.get(name, str(default))
    if not (value.isascii() and value.isdigit() and least <= int(value[:10]) <= most):
        raise ApiError("invalid_query", f"{name} must be a whole number from {least} to {most}")
    return int(value)
