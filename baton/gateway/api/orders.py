"""`/v1/orders`: orders as the business places, reads and changes them."""

from typing import Annotated

from fastapi import APIRouter, Path

from baton.gateway.api.callers import AccountName, Parts, Reader
from baton.gateway.api.responses import REFUSALS
from baton.orders.answers import Snapshot

router = APIRouter(prefix="/v1/orders", tags=["orders"], responses=REFUSALS)

Reference = Annotated[str, Path(min_length=1, max_length=128, description="The order's reference.")]


@router.get("/{reference}", response_model_by_alias=False)
async def read_order(reference: Reference, account: AccountName, _: Reader, parts: Parts) -> Snapshot:
    """Return an order as it stands, open or closed."""
    return await parts.baton.snapshot(reference, account)
