"""The planned read of an account's addresses and links at Orchestra, which a Schedule starts."""

from temporalio import workflow

from baton.sources.messages import ReadSources, SourcesRead
from workflows.support import source_calls


@workflow.defn
class SourceReadWorkflow:
    """One planned read; its id begins with `sources/{account}`."""

    @workflow.run
    async def run(self, read: ReadSources) -> SourcesRead:
        """Compare every address and link with Orchestra, and return how many differ."""
        done = await source_calls.read_sources(read)
        workflow.set_current_details(
            f"{done.read} read, {done.signalled} signalled because they differ, {done.unread} without an answer"
        )
        return done
