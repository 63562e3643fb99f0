"""How orders start: `python starter.py` is the `baton` command, and `BatonClient` is at hand for business apps."""

import sys

from baton import BatonClient, BatonError, OrderRefused, OrderUnknown, Unreachable
from baton.__main__ import run

__all__ = ["BatonClient", "BatonError", "OrderRefused", "OrderUnknown", "Unreachable"]

if __name__ == "__main__":
    sys.exit(run())
