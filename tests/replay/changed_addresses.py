"""A workflow of an address with a careless change, which the replay test must catch."""

from temporalio import workflow

from baton.sources.answers import SourceResult
from baton.sources.create_source import CreateSource
from baton.sources.messages import DisableSource
from workflows.address import AddressWorkflow


@workflow.defn(name="AddressWorkflow")
class PausesBeforeDisabling(AddressWorkflow):
    """Waits for a while before it is disabled."""

    @workflow.init
    def __init__(self, source: CreateSource) -> None:
        super().__init__(source)

    @workflow.run
    async def run(self, source: CreateSource) -> SourceResult:
        return await super().run(source)

    async def _disable(self, request: DisableSource) -> None:
        await workflow.sleep(1)
        await super()._disable(request)


CARELESS_ADDRESSES = {"address_disabled": PausesBeforeDisabling}
"""The changed workflow for a stored history."""
