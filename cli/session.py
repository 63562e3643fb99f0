"""How a command reaches Baton: the environment, or else the local stack that runs on the home folder."""

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.settings import Settings
    from starter import BatonClient


def join_stack() -> "Settings":
    """Point this process at the local stack where one runs, and return the settings that then hold.

    What the environment says itself goes before what the stack left.

    Raises:
        SettingsError: A setting does not fit.
    """
    from runtime.settings import load_settings
    from stack.state import apply_to_environment, read_state

    settings = load_settings()
    running = read_state(settings.home)
    if running is None:
        return settings
    apply_to_environment(running)
    return load_settings()


async def open_client(patience: float) -> "BatonClient":
    """Connect to Temporal; every call then waits so many seconds for its answer.

    Raises:
        TemporalUnavailable: Temporal cannot be reached.
    """
    from runtime.temporal import connect
    from starter import BatonClient

    return BatonClient(await connect(), patience=timedelta(seconds=patience))
