"""The Nexus service of Baton, by which a business's own workflow places an order and awaits its end.

    baton = workflow.create_nexus_client(service=BatonService, endpoint=ENDPOINT)
    ordering = await baton.start_operation(BatonService.place_order, document)
    placed = await baton.execute_operation(BatonService.placement, OrderKey(reference="invoice-42"))
    result = await ordering

Neither the caller's namespace nor its workers know Baton's task queues; the endpoint's name is all they need.
"""

from typing import Any

from nexusrpc import Operation, service
from pydantic import BaseModel

from baton.orchestra.proofs import DepositProof
from baton.orders.answers import OrderResult, Placement, Snapshot, Standing
from baton.orders.reports import BusinessDecision, RepriceDecision

SERVICE = "baton"
"""The service's name, for callers in languages that have no definition of it."""

ENDPOINT = "baton"
"""The endpoint that `baton up` and `baton nexus endpoint` create."""

OrderFields = dict[str, Any]
"""The fields of an order document, by their names in JSON. A wrong one is refused by its name, in a sentence."""


class OrderKey(BaseModel):
    """Which order is meant."""

    reference: str
    account: str = "default"


class OrderDeposit(OrderKey):
    """The payer's deposit to an order; `quote_id` names an older quote, if the deposit went to its address."""

    proof: DepositProof
    quote_id: str | None = None


class ZeroConfAnswer(OrderKey):
    """The business's answer to the pending ZeroConf offer of an order."""

    decision: BusinessDecision


class RepriceAnswer(OrderKey):
    """The business's answer to the pending repricing of an order."""

    decision: RepriceDecision


@service(name=SERVICE)
class BatonService:
    """What a workflow of another namespace can ask of Baton."""

    place_order: Operation[OrderFields, OrderResult]
    """Place an order and return its result when it ends. Under a reference that is placed already, follow that order.

    Cancelling the operation cancels the order, as long as no deposit is known.
    """

    placement: Operation[OrderKey, Placement]
    """Return where to deposit, as soon as there is a quote; or the reason, if the order has ended without one."""

    order: Operation[OrderKey, Snapshot]
    """Return the order as it stands."""

    report_deposit: Operation[OrderDeposit, Standing]
    """Report the payer's deposit."""

    cancel_order: Operation[OrderKey, Standing]
    """Cancel an order while no deposit is known."""

    decide_zeroconf: Operation[ZeroConfAnswer, Standing]
    """Answer the pending ZeroConf offer; the first answer counts."""

    decide_reprice: Operation[RepriceAnswer, Standing]
    """Answer the pending repricing."""
