"""Checks of the gateway: alive, ready, and of which version."""

import httpx

from baton.bounded_http import certificates
from baton.health.findings import CheckFinding, ok, problem, skipped, warning
from baton.version import __version__

TIMEOUT = 5.0
"""Seconds that the gateway may take."""

_NO_WEBHOOKS = "webhooks do not arrive; Orchestra repeats them for 33 hours, and orders go on by reads"


async def check_gateway(url: str) -> list[CheckFinding]:
    """Check the gateway at this address, such as `http://127.0.0.1:8080`."""
    async with httpx.AsyncClient(verify=certificates(), timeout=TIMEOUT, follow_redirects=False) as http:
        try:
            health = await http.get(f"{url}/healthz")
            ready = await http.get(f"{url}/readyz")
        except httpx.HTTPError as error:
            message = f"the gateway at {url} cannot be reached ({type(error).__name__})"
            remedy = "start `baton gateway`, or name the right address with --gateway"
            return [problem("gateway.alive", message, _NO_WEBHOOKS, remedy)]
    return [_alive(url, health), _ready(ready), _version(health)]


def _alive(url: str, health: httpx.Response) -> CheckFinding:
    if health.is_success:
        return ok("gateway.alive", f"the gateway at {url} is alive")
    message = f"something else answers at {url}, with HTTP {health.status_code}"
    return problem("gateway.alive", message, _NO_WEBHOOKS, "name the right address with --gateway")


def _ready(ready: httpx.Response) -> CheckFinding:
    if ready.is_success:
        return ok("gateway.ready", "the gateway reaches Temporal and the ledger")
    parts = _object(ready).get("parts")
    missing = [name for name, state in parts.items() if state != "ok"] if isinstance(parts, dict) else []
    message = f"the gateway does not reach {' and '.join(missing) or 'what it needs'}"
    return problem(
        "gateway.ready", message, "webhooks are answered with 503 until it does", "look at the gateway's log"
    )


def _version(health: httpx.Response) -> CheckFinding:
    version = _object(health).get("version")
    if not isinstance(version, str):
        return skipped("gateway.version", "the gateway does not say its version")
    if version != __version__:
        return warning(
            "gateway.version",
            f"this is Baton {__version__}, and the gateway runs {version}",
            "what is new in one version may not be understood by the other",
            "finish the upgrade: install one version everywhere and restart the gateway",
        )
    return ok("gateway.version", f"the gateway runs Baton {version}")


def _object(response: httpx.Response) -> dict[str, object]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
