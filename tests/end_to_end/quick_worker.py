"""The worker's own program, whose orders another worker gets soon after it was killed."""

import sys
from datetime import timedelta

import worker
from baton.process.lifecycle import leave


def hasten() -> None:
    """Shorten how long Temporal keeps an order's next task for a worker that is gone; its length decides nothing."""
    worker.STICKY_TIMEOUT = timedelta(seconds=0.5)


if __name__ == "__main__":
    hasten()
    sys.exit(leave(worker.main()))
