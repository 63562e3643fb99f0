"""The workflow of a reusable deposit address: open for as long as deposits there become orders."""

from temporalio import workflow

from baton.sources.answers import SourceResult
from baton.sources.create_source import CreateSource
from workflows.support.source_lifecycle import SourceLifecycle


@workflow.defn
class AddressWorkflow(SourceLifecycle):
    """One reusable address of one partner account; its id is `address/{account}/{reference}`."""

    @workflow.init
    def __init__(self, source: CreateSource) -> None:
        super().__init__(source)

    @workflow.run
    async def run(self, source: CreateSource) -> SourceResult:
        """Create the address, wait until it is disabled, and return the result, or fail if it was refused."""
        return await self.live()
