"""The shop's worker: `TEMPORAL_NAMESPACE=shop python -m examples.nexus_shop.worker`."""

import asyncio

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.worker import Worker

from examples.nexus_shop.sale import SaleWorkflow, ship

QUEUE = "sales"


async def connect() -> Client:
    """Connect to the server and the namespace that the `TEMPORAL_*` variables name."""
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "localhost:7233")
    return await Client.connect(**config, data_converter=pydantic_data_converter)


async def main() -> None:
    """Run sales until the process is stopped."""
    client = await connect()
    await Worker(client, task_queue=QUEUE, workflows=[SaleWorkflow], activities=[ship]).run()


if __name__ == "__main__":
    asyncio.run(main())
