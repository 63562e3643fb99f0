"""Sells one mug: `TEMPORAL_NAMESPACE=shop python -m examples.nexus_shop.sell SALE_ID`."""

import asyncio
import sys

from temporalio.client import WorkflowHandle

from examples.nexus_shop.sale import Receipt, Sale, SaleWorkflow
from examples.nexus_shop.worker import QUEUE, connect

ADDRESS = "spark1pgssy7d7vel0nh9m4326qc54e6rskpczn07dktww9rv4nu5ptvt0s9uc489gg2"


async def main(sale_id: str) -> None:
    """Start the sale, print what the payer has to do, and then how it ended."""
    client = await connect()
    sale = Sale(id=sale_id, item="a mug", usdc=100_000_000, spark_address=ADDRESS)
    selling = await client.start_workflow(SaleWorkflow.run, sale, id=f"sale/{sale.id}", task_queue=QUEUE)
    print(await instructions(selling), flush=True)
    print(await selling.result(), flush=True)


async def instructions(selling: WorkflowHandle[SaleWorkflow, Receipt]) -> str:
    """Return what the shop's page would say, once the sale knows it."""
    pay = await selling.query(SaleWorkflow.payment)
    while pay is None:
        await asyncio.sleep(0.2)
        pay = await selling.query(SaleWorkflow.payment)
    if pay.deposit_address is None:
        return "There is nothing to pay."
    return f"Pay {pay.amount_in} of {pay.source_asset} on {pay.source_chain} to {pay.deposit_address}"


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
