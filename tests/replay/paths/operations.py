"""The paths of what operators have done to many orders: a bulk, and a planned reconciliation."""

from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from baton.bulk.bulks import Bulks
from baton.bulk.choice import OrderChoice
from baton.bulk.messages import bulk_workflow_id
from baton.bulk.request import BulkAct, BulkRequest
from baton.orders.names import WORKFLOW_QUEUE
from baton.reconciliation.messages import RECONCILE_WORKFLOW, Reconcile, ReconcileReport
from tests.eventually import eventually
from tests.replay.ending import DONE
from tests.replay.registry import OtherPath, PathStage


async def bulk_cancelled(stage: PathStage) -> WorkflowHandle[Any, Any]:
    placed = await stage.place()
    await eventually(lambda: stage.world.ledger.order(placed.workflow_id))
    bulks = Bulks(stage.world.environment.client, stage.world.ledger)
    chosen = await bulks.choose(BulkRequest(act=BulkAct.CANCEL, choice=OrderChoice(references=[stage.reference])))
    status = await bulks.start(chosen, "tests")
    handle = stage.world.environment.client.get_workflow_handle(bulk_workflow_id(status.id))
    await handle.result()
    return handle


async def books_reconciled(stage: PathStage) -> WorkflowHandle[Any, Any]:
    placed = await stage.place()
    await eventually(lambda: stage.world.ledger.order(placed.workflow_id))
    now = datetime.now(UTC)
    call = Reconcile(account="default", since=now - timedelta(hours=1), until=now + timedelta(hours=1))
    handle = await stage.world.environment.client.start_workflow(
        RECONCILE_WORKFLOW, call, id=stage.reference, task_queue=WORKFLOW_QUEUE, result_type=ReconcileReport
    )
    await handle.result()
    return handle


PATHS = {lead.__name__: OtherPath(lead.__name__, lead, DONE) for lead in (bulk_cancelled, books_reconciled)}
