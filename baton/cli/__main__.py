"""`python -m baton.cli`: the same as `baton`."""

import sys

from baton.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
