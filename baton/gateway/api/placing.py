"""`POST /v1/orders`: place an order; the reference is the idempotency key of the whole order."""

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header
from starlette.responses import Response

from baton.errors import DocumentError, FieldFault
from baton.gateway.api.bodies import Document
from baton.gateway.api.callers import Client, Parts, Placer, with_account
from baton.gateway.api.responses import CONFLICT, REFUSALS, answer
from baton.gateway.api.schemas import body_of
from baton.orders.answers import Placement
from baton.orders.document import OfframpDocument, OnrampDocument, SwapDocument
from baton.orders.names import REFERENCE
from baton.pages.payer_links import with_page

KEY = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"

router = APIRouter(tags=["orders"], responses=REFUSALS | CONFLICT)

IdempotencyKey = Annotated[str | None, Header(alias=KEY, description="The order's reference, if it is given at all.")]


@router.post(
    "/v1/orders",
    status_code=201,
    response_model=Placement,
    responses={200: {"model": Placement, "description": f"The order was placed before; `{REPLAYED}: true`."}},
    openapi_extra=body_of(SwapDocument, OnrampDocument, OfframpDocument),
)
async def place_order(
    caller: Placer, content: Document, client: Client, parts: Parts, idempotency_key: IdempotencyKey = None
) -> Response:
    """Place an order and return where to deposit.

    Placing it again while it is open returns the same. Another request under its reference is refused, naming the
    fields that differ.
    """
    order = with_account(caller, parts, content)
    if idempotency_key is not None:
        order = _keyed(order, idempotency_key)
    placed = await client.place(order)
    location = f"/v1/orders/{quote(placed.reference, safe='')}?account={placed.account}"
    shown = with_page(placed, parts.payer_links)
    if placed.replayed:
        return answer(shown, headers={"Location": location, REPLAYED: "true"})
    return answer(shown, 201, {"Location": location})


def _keyed(order: dict[str, object], key: str) -> dict[str, object]:
    """Return the order with its reference; a key that says something else would promise what does not hold.

    Raises:
        DocumentError: The key is another than the reference, or cannot be one.
    """
    reference = order.get("reference", key)
    if reference != key:
        _refuse(f"{KEY} is another than the order's reference", "send the reference as the key, or no key")
    if not re.fullmatch(REFERENCE, key):
        _refuse(
            f"{KEY} cannot be an order's reference", "use 1 to 128 letters, digits, dots, underscores, colons or dashes"
        )
    return {**order, "reference": reference}


def _refuse(message: str, remedy: str) -> None:
    raise DocumentError(message, remedy, [FieldFault(KEY, message)])
