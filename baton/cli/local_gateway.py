"""Where this machine reaches its gateway: by the running local stack, else by the settings."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baton.settings import Settings

_LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - looked up, not bound


def local_gateway(settings: "Settings") -> str:
    """Return the gateway's base URL."""
    from baton.local.stack.state import read_state

    running = read_state(settings.home)
    host = _LOOPBACK_OF.get(settings.bind, settings.bind)
    return running.gateway_url if running else f"http://{host}:{settings.gateway_port}"
