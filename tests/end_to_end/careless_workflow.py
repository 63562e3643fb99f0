"""A workflow that reads the clock of the machine."""

import time

from temporalio import workflow

RUNS = 0


@workflow.defn
class CarelessWorkflow:
    """Counts the workflows that share this module; then reads the clock, if it is asked to."""

    @workflow.run
    async def run(self, reads_clock: bool) -> int:
        global RUNS
        RUNS += 1
        await workflow.sleep(0.01)
        if reads_clock:
            time.time()
        return RUNS
