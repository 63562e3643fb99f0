"""The workflow of a pay link: open for as long as visits of the link make orders."""

from temporalio import workflow

from baton.sources.answers import SourceResult
from baton.sources.create_source import CreateSource
from workflows.support.source_lifecycle import SourceLifecycle


@workflow.defn
class PayLinkWorkflow(SourceLifecycle):
    """One pay link of one partner account; its id is `paylink/{account}/{reference}`."""

    @workflow.init
    def __init__(self, source: CreateSource) -> None:
        super().__init__(source)

    @workflow.run
    async def run(self, source: CreateSource) -> SourceResult:
        """Create the link, wait until it is disabled, and return the result, or fail if it was refused."""
        return await self.live()
