"""`python -m baton.gateway`: the gateway alone, configured by the environment."""

import gc

if __name__ == "__main__":
    gc.disable()  # nothing that an import makes is garbage, and looking for some takes a fifth of the start

import sys

from baton.gateway.main import main
from baton.process.lifecycle import EXIT_USAGE, leave, run_main
from baton.settings import SettingsError, load_settings


def run() -> int:
    """Run the gateway process; return its exit code."""
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    return run_main(main(settings))


if __name__ == "__main__":
    sys.exit(leave(run()))
