"""The endpoints of standing deposit addresses: the instruction, its deposits, refunds of held ones, ZeroConf offers."""

import secrets
from typing import Any

from starlette.routing import Route as HttpRoute

from baton.local.sandbox.api.fields import text
from baton.local.sandbox.api.gate import Call, Gate, Handler
from baton.local.sandbox.api.idempotency import Answer
from baton.local.sandbox.api.standing_records import deposit_record
from baton.local.sandbox.api.standing_request import read_deposit_ids, read_enabled, read_instruction, read_ref
from baton.local.sandbox.engine.address_deposits import DISABLED, deposit_id
from baton.local.sandbox.engine.addresses import fits, new_address
from baton.local.sandbox.engine.assets import CHAINS, SandboxFamily
from baton.local.sandbox.engine.standing import NO_SOURCE, Instruction, StandingAddress, destinations
from baton.local.sandbox.engine.store import SandboxDeposit, SandboxOrder
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError, invalid, unknown

DEFAULT_PAGE, MOST_OF_A_PAGE = 50, 200
"""Deposits of a page: the default, and the most."""


class StandingApi:
    """The handlers of standing deposit addresses."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

    def destinations(self, call: Call) -> dict[str, Any]:
        """`GET /v1/standing-deposit-addresses/destinations`."""
        _ = call.owner
        return {"destinations": [{"chain": asset.chain.name, "asset": asset.symbol} for asset in destinations()]}

    def put(self, call: Call) -> dict[str, Any]:
        """`PUT /{ref}`: create the address; the same instruction again returns it, another one is refused."""
        ref, instruction = (
            read_ref(call.path["ref"]),
            read_instruction(call.body, self._world.affiliates.of(call.owner)),
        )
        existing = self._world.store.standing.get(_key(call.owner, ref))
        if existing is None:
            return self._create(call.owner, ref, instruction).document
        if existing.instruction != instruction:
            raise ApiError("instruction_conflict", f"{ref} has another instruction, which never changes")
        return existing.document

    def get(self, call: Call) -> dict[str, Any]:
        """`GET /{ref}`."""
        return self._standing(call).document

    def patch(self, call: Call) -> dict[str, Any]:
        """`PATCH /{ref}`: enable or disable it. What was held because it was disabled becomes orders again."""
        standing, enabled = self._standing(call), read_enabled(call.body)
        standing.enabled = enabled
        self._world.store.standing.changed(_key(call.owner, standing.ref))
        for deposit in self._deposits(standing) if enabled else ():
            if deposit.held == DISABLED:
                self._world.address_deposits.release(standing.payee(deposit.chain), [deposit])
        return standing.document

    def deposits(self, call: Call) -> dict[str, Any]:
        """`GET /{ref}/deposits`: newest first, by pages."""
        kept = self._deposits(self._standing(call))[::-1]
        limit = min(_whole(call, "limit", DEFAULT_PAGE, least=1), MOST_OF_A_PAGE)
        offset = _whole(call, "offset", 0, least=0)
        page = [self._record(deposit) for deposit in kept[offset : offset + limit]]
        end = offset + limit
        return {"deposits": page, "nextOffset": end if end < len(kept) else None}

    def resolve(self, call: Call) -> Answer:
        """`POST /{ref}/resolve`: refund held deposits to an address."""
        standing, ids = self._standing(call), read_deposit_ids(call.body)
        batch = text(call.body, "batchId") if ids is None else f"batch_{secrets.token_hex(8)}"
        kept = self._deposits(standing)
        chosen = [each for each in kept if (each.batch_id == batch if ids is None else deposit_id(each) in ids)]
        if not chosen or (ids is not None and len(chosen) < len(set(ids))):
            raise unknown("one of the deposits does not exist")
        address = text(call.body, "refundAddress")
        for deposit in chosen:
            if not fits(address, CHAINS[deposit.chain].family):
                raise ApiError("invalid_refund_address", f"refundAddress is not an address on {deposit.chain}")
            payee = standing.payee(deposit.chain)
            self._world.address_deposits.request_refund(payee, deposit, address, batch)
        return Answer(202, {"batchId": chosen[0].batch_id, "status": "refund_requested"})

    def accept(self, call: Call) -> dict[str, Any]:
        """`POST /{ref}/deposits/{depositId}/zeroconf/accept`."""
        deposit, order = self._offered(call)
        self._decided(lambda: self._world.approvals.accept(order))
        return {"deposit": self._record(deposit)}

    def decline(self, call: Call) -> dict[str, Any]:
        """`POST /{ref}/deposits/{depositId}/zeroconf/decline`."""
        deposit, order = self._offered(call)
        self._decided(lambda: self._world.approvals.decline(order))
        return {"deposit": self._record(deposit)}

    def _create(self, partner: str, ref: str, instruction: Instruction) -> StandingAddress:
        standing = StandingAddress(
            ref=ref,
            id=f"sta_{secrets.token_hex(8)}",
            partner=partner,
            instruction=instruction,
            addresses=self._new_addresses(instruction),
            created_at=self._world.clock.now(),
        )
        self._world.store.standing[_key(partner, ref)] = standing
        return standing

    def _new_addresses(self, instruction: Instruction) -> dict[str, str]:
        of_family: dict[SandboxFamily, str] = {}
        addresses = {}
        for chain in CHAINS.values():
            if chain.family in NO_SOURCE or not instruction.routes_from(chain.name):
                continue
            shared = of_family.setdefault(chain.family, new_address(chain.family))
            addresses[chain.name] = self._world.real_deposits.address(chain) or shared
        return addresses

    def _standing(self, call: Call) -> StandingAddress:
        ref = read_ref(call.path["ref"])
        standing = self._world.store.standing.get(_key(call.owner, ref))
        if standing is None:
            raise unknown(f"no standing address {ref}")
        return standing

    def _deposits(self, standing: StandingAddress) -> list[SandboxDeposit]:
        return list(self._world.chain.paid_to(standing.id))

    def _record(self, deposit: SandboxDeposit) -> dict[str, Any]:
        return deposit_record(deposit, self._order_of(deposit))

    def _order_of(self, deposit: SandboxDeposit) -> SandboxOrder | None:
        return self._world.store.orders.get(deposit.order_id) if deposit.order_id else None

    def _offered(self, call: Call) -> tuple[SandboxDeposit, SandboxOrder]:
        wanted, offer_id = call.path["depositId"], text(call.body, "offerId")
        kept = self._deposits(self._standing(call))
        deposit = next((each for each in kept if deposit_id(each) == wanted), None)
        order = self._order_of(deposit) if deposit else None
        if deposit is None or order is None:
            raise unknown(f"no deposit {wanted} with an offer")
        if (order.facts.get("zeroconfOffer") or {}).get("quoteId") != offer_id:
            raise ApiError("standing_zeroconf_offer_conflict", f"{wanted} has no offer {offer_id}")
        return deposit, order

    def _decided(self, decide: Any) -> None:
        try:
            decide()
        except ApiError as refusal:
            raise ApiError("standing_zeroconf_offer_conflict", refusal.message) from None


def standing_routes(world: SandboxWorld, gate: Gate) -> list[HttpRoute]:
    """Return the HTTP routes of standing deposit addresses."""
    api, base = StandingApi(world), "/v1/standing-deposit-addresses"

    def changing(path: str, name: str, handler: Handler, method: str = "POST") -> HttpRoute:
        return HttpRoute(f"{base}/{path}", gate.endpoint(name, handler, mutating=True), methods=[method])

    offer = "{ref}/deposits/{depositId}/zeroconf"
    return [
        HttpRoute(f"{base}/destinations", gate.endpoint("standing_addresses", api.destinations)),
        HttpRoute(f"{base}/{{ref}}", gate.endpoint("standing_addresses", api.get)),
        HttpRoute(f"{base}/{{ref}}/deposits", gate.endpoint("standing_deposits", api.deposits)),
        changing("{ref}", "standing_addresses", api.put, "PUT"),
        changing("{ref}", "standing_addresses", api.patch, "PATCH"),
        changing("{ref}/resolve", "resolve", api.resolve),
        changing(f"{offer}/accept", "standing_zeroconf", api.accept),
        changing(f"{offer}/decline", "standing_zeroconf", api.decline),
    ]


def _key(partner: str, ref: str) -> str:
    return f"{partner}/{ref}"


def _whole(call: Call, name: str, default: int, *, least: int) -> int:
    value = call.query.get(name)
    if value is None:
        return default
    if not (value.isascii() and value.isdigit()) or int(value[:9]) < least:
        raise invalid(f"{name} must be a whole number from {least}")
    return int(value[:9])
