"""The route list, cached in a file for an hour so that commands need not fetch it each time.

There is one file for each base URL, under `BATON_HOME`. The cache is a convenience: a file that cannot be read is
fetched again, and a file that cannot be written is skipped.
"""

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baton.process.atomic import write_atomically

if TYPE_CHECKING:
    from baton.orchestra.client import OrchestraClient
    from baton.orchestra.rules.objections import Routes

FOLDER = "routes"
_PAIRS, _ASSETS = "pairs", "assets"


def cache_file(home: Path, base_url: str) -> Path:
    """Return the cache file for an API; its name is a hash that does not reveal the URL."""
    return home / FOLDER / f"{hashlib.sha256(base_url.rstrip('/').encode()).hexdigest()[:16]}.json"


async def load_routes(
    client: "OrchestraClient",
    file: Path,
    *,
    refresh: bool = False,
    warn: Callable[[str], None] = lambda _: None,
) -> "Routes":
    """Return the route list, from the cache while that is younger than an hour.

    Args:
        client: Fetches the list when the cache does not have it.
        file: The cache file.
        refresh: Fetch the list even if the cached one is fresh.
        warn: Called when an older list is used because fetching a new one failed.

    Raises:
        OrchestraError: The list could not be fetched, and no older one is cached or `refresh` was set.
    """
    from baton.accounts.route_book import FRESH, fetch_routes
    from baton.orchestra.errors import OrchestraError

    cached, age = _read(file)
    if cached is not None and age <= FRESH and not refresh:
        return cached
    try:
        routes = await fetch_routes(client)
    except OrchestraError as error:
        if cached is None or refresh:
            raise
        warn(f"the routes are {int(age // 60)} minutes old; fetching new ones failed: {error.message}")
        return cached
    with suppress(OSError):
        _write(file, routes)
    return routes


def cached_routes(file: Path) -> "Routes | None":
    """Return the cached route list of any age; None if there is none that can be read."""
    return _read(file)[0]


def _read(file: Path) -> "tuple[Routes | None, float]":
    """Return the cached list and its age in seconds; None if there is none that can be read."""
    from baton.orchestra.rules.routes import RouteCatalogue, RouteList

    try:
        document: dict[str, Any] = json.loads(file.read_bytes())
        age = time.time() - float(document["fetchedAt"])
        models: dict[str, type[RouteList] | type[RouteCatalogue]] = {_PAIRS: RouteList, _ASSETS: RouteCatalogue}
        routes = models[document["kind"]].model_validate(document["list"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, 0.0
    # A list from the future was written under another clock, so its age is unknown.
    return (None, 0.0) if routes.is_empty or age < 0 else (routes, age)


def _write(file: Path, routes: "Routes") -> None:
    from baton.orchestra.rules.routes import RouteCatalogue

    kind = _ASSETS if isinstance(routes, RouteCatalogue) else _PAIRS
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, json.dumps({"fetchedAt": time.time(), "kind": kind, "list": routes.wire()}))
