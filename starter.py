"""How orders start: `python starter.py` is the `baton` command, and `BatonClient` is at hand for business apps."""

import sys

from baton.client import BatonClient, BatonError, OrderRefused, OrderUnknown, Unreachable

__all__ = ["BatonClient", "BatonError", "OrderRefused", "OrderUnknown", "Unreachable"]

if __name__ == "__main__":
    from baton.cli.main import run

    sys.exit(run())
