"""The shop's worker: its own workflows and activities, in an environment that holds `baton` and no service."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from activities.payment import PaymentActivities
from baton import BatonClient
from workflows.sale import SaleWorkflow


async def main() -> None:
    """Serve the queue `shop` until the process ends."""
    client = await Client.connect(os.environ["TEMPORAL_ADDRESS"], data_converter=pydantic_data_converter)
    payments = PaymentActivities(BatonClient(client))
    with ThreadPoolExecutor(4) as threads:
        worker = Worker(
            client,
            task_queue="shop",
            workflows=[SaleWorkflow],
            activities=[payments.place_order, payments.report_payment, payments.wait_for_payment],
            activity_executor=threads,
        )
        await worker.run()


if __name__ == "__main__":
    asyncio.run(main())
