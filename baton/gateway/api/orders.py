"""`/v1/orders/{reference}`: an order as it stands, and what the business and its operators do to it."""

from fastapi import APIRouter
from starlette.responses import Response

from baton.client import BatonClient
from baton.errors import OrderUnknown
from baton.gateway.api.bodies import ClosingBody, DecisionBody, DepositBody, NoteBody, RefundBody, ResolutionBody
from baton.gateway.api.callers import AccountName, Client, Decider, Operator, Parts, Reader, Reporter
from baton.gateway.api.responses import CONFLICT, REFUSALS, Reference, answer
from baton.gateway.parts import GatewayParts
from baton.orders.answers import Snapshot, Standing
from baton.orders.names import order_workflow_id
from baton.orders.reports import RepriceDecision
from baton.pages.payer_links import with_page

router = APIRouter(prefix="/v1/orders/{reference}", tags=["orders"], responses=REFUSALS)


async def order_of(parts: GatewayParts, client: BatonClient, account: str, reference: str) -> Snapshot:
    """Return an order, also one that Temporal has forgotten: the ledger keeps closed ones.

    Raises:
        OrderUnknown: There is no such order.
        Unreachable: Temporal or its workers did not answer.
        LedgerUnavailable: Temporal does not have it, and the ledger did not answer.
    """
    try:
        return await client.snapshot(reference, account)
    except OrderUnknown:
        row = await parts.ledger.order(order_workflow_id(account, reference))
        if row is None or row.closed_at is None:
            raise
        return Snapshot.model_validate(row.snapshot)


@router.get("", response_model=Snapshot)
async def read_order(reference: Reference, account: AccountName, _: Reader, client: Client, parts: Parts) -> Response:
    """Return an order as it stands, open or closed."""
    return answer(with_page(await order_of(parts, client, account, reference), parts.payer_links))


@router.post("/deposit", response_model=Standing, responses=CONFLICT)
async def report_deposit(
    reference: Reference, account: AccountName, body: DepositBody, _: Reporter, client: Client
) -> Response:
    """Report the payer's deposit; return where the order then stands."""
    return answer(await client.report_deposit(reference, body.proof(), account, quote_id=body.quote_id))


@router.post("/decide", response_model=Standing, responses=CONFLICT)
async def decide(
    reference: Reference, account: AccountName, body: DecisionBody, _: Decider, client: Client
) -> Response:
    """Answer the open question: a ZeroConf offer, or a repricing. The first answer counts."""
    if body.accept is not None:
        return answer(await client.decide_zeroconf(reference, account, accept=body.accept, reason=body.reason))
    fields = body.model_dump(exclude={"accept"})
    return answer(await client.decide_reprice(reference, RepriceDecision.model_validate(fields), account))


@router.post("/cancel", response_model=Standing, responses=CONFLICT)
async def cancel(
    reference: Reference, account: AccountName, _: Operator, client: Client, body: NoteBody | None = None
) -> Response:
    """Cancel an order while no deposit is known."""
    return answer(await client.cancel(reference, account, note=body.note if body else None))


@router.post("/refresh", response_model=Standing, responses=CONFLICT)
async def refresh(
    reference: Reference, account: AccountName, _: Operator, client: Client, body: NoteBody | None = None
) -> Response:
    """Read the order at Orchestra now."""
    return answer(await client.refresh(reference, account, note=body.note if body else None))


@router.post("/resolve", response_model=Standing, responses=CONFLICT)
async def resolve(
    reference: Reference, account: AccountName, body: ResolutionBody, _: Operator, client: Client
) -> Response:
    """Record what was done about an attention, also after the order's end."""
    resolving = client.resolve(
        reference, account, note=body.note, reason=body.reason, close_as=body.close_as, despite=body.despite
    )
    return answer(await resolving)


@router.post("/close", response_model=Standing, responses=CONFLICT)
async def close(reference: Reference, account: AccountName, body: ClosingBody, _: Operator, client: Client) -> Response:
    """Close an order whose end Orchestra will never report; what still comes is handled as late money."""
    closing = client.close_by_hand(reference, account, outcome=body.outcome, note=body.note, despite=body.despite)
    return answer(await closing)


@router.post("/refund", response_model=Standing, responses=CONFLICT)
async def refund(reference: Reference, account: AccountName, body: RefundBody, _: Operator, client: Client) -> Response:
    """Have Orchestra refund a deposit to a reusable address that it made no order of."""
    return answer(await client.refund_deposit(reference, account, note=body.note, refund_address=body.refund_address))
