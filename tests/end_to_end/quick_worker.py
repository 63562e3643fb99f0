"""The worker's own program, whose orders another worker gets soon after it was killed."""

from datetime import timedelta

import worker


def hasten() -> None:
    """Shorten how long Temporal keeps an order's next task for a worker that is gone; its length decides nothing."""
    worker.STICKY_TIMEOUT = timedelta(seconds=0.5)


def run() -> int:
    """Run the worker; return its exit code."""
    hasten()
    return worker.main()
