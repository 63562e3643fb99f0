"""How a command reaches Baton: through the environment, else through the local stack of the home folder."""

import asyncio
import getpass
import os
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baton.client import BatonClient
    from baton.settings import Settings


def join_stack() -> "Settings":
    """Point this process at the local stack if one is running, and return the settings.

    Variables that the environment sets itself take precedence over the stack's.

    Raises:
        SettingsError: A setting is invalid.
    """
    from baton.local.stack.state import apply_to_environment, read_state
    from baton.settings import load_settings

    settings = load_settings()
    running = read_state(settings.home)
    if running is None:
        return settings
    apply_to_environment(running)
    return load_settings()


async def open_client(patience: float) -> "BatonClient":
    """Connect to Temporal; connecting and every later call may take `patience` seconds.

    Raises:
        TemporalUnavailable: Temporal cannot be reached.
    """
    from baton.client import BatonClient
    from baton.process.native_logs import forward_native_logs
    from baton.temporal import TemporalUnavailable, connect

    forward_native_logs()
    try:
        async with asyncio.timeout(patience):
            temporal = await connect()
    except TimeoutError:
        message = f"Temporal did not answer within {patience:g} seconds"
        raise TemporalUnavailable(message, "check TEMPORAL_ADDRESS and the server") from None
    except TemporalUnavailable as error:
        raise TemporalUnavailable(error.message, _with_local_stack(error.remedy), error.code) from None
    return BatonClient(temporal, patience=timedelta(seconds=patience), by=caller_name())


def caller_name() -> str:
    """Return who acts at the command line, for the record of acts; no API token can have such a name."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user may have no name
        return f"cli:{os.getuid()}"


def _with_local_stack(remedy: str) -> str:
    """Return the remedy with a word on the local stack, where a server is what is missing."""
    return f"{remedy}; `baton up` starts one on this machine" if "start the server" in remedy else remedy
