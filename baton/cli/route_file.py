"""The route list kept in a file for an hour, so that commands need not load it anew each time.

There is one file for each base URL, under `BATON_HOME`. It is a convenience: what cannot be read is asked for again,
and what cannot be written is done without.
"""

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baton.cli.atomic import write_atomically

if TYPE_CHECKING:
    from baton.orchestra.client import OrchestraClient
    from baton.orchestra.rules.objections import Routes

FOLDER = "routes"
_PAIRS, _ASSETS = "pairs", "assets"


def route_file(home: Path, base_url: str) -> Path:
    """Return where the route list of an API is kept; the name tells nothing of the URL."""
    return home / FOLDER / f"{hashlib.sha256(base_url.rstrip('/').encode()).hexdigest()[:16]}.json"


async def load_routes(
    client: "OrchestraClient",
    file: Path,
    *,
    refresh: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> "Routes":
    """Return the route list, from the file while that is younger than an hour.

    Args:
        client: Where to ask otherwise.
        file: Where the list is kept.
        refresh: Ask in any case.
        say: Told when an older list has to serve because a newer one cannot be had.

    Raises:
        OrchestraError: It cannot be had, and there is no older one, or none was wanted.
    """
    from baton.accounts.route_book import FRESH, fetch_routes
    from baton.orchestra.errors import OrchestraError

    kept, age = _read(file)
    if kept is not None and age <= FRESH and not refresh:
        return kept
    try:
        routes = await fetch_routes(client)
    except OrchestraError as error:
        if kept is None or refresh:
            raise
        say(f"the routes are as of {int(age // 60)} minutes ago: {error.message}")
        return kept
    with suppress(OSError):
        _write(file, routes)
    return routes


def kept_routes(file: Path) -> "Routes | None":
    """Return the route list in the file, however old; None where there is none that can be read."""
    return _read(file)[0]


def _read(file: Path) -> "tuple[Routes | None, float]":
    """Return the list in the file and its age in seconds; None where there is none that can be read."""
    from baton.orchestra.rules.routes import RouteCatalogue, RouteList

    try:
        document: dict[str, Any] = json.loads(file.read_bytes())
        age = time.time() - float(document["fetchedAt"])
        models: dict[str, type[RouteList] | type[RouteCatalogue]] = {_PAIRS: RouteList, _ASSETS: RouteCatalogue}
        routes = models[document["kind"]].model_validate(document["list"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, 0.0
    # A list from the future was written by another clock: nobody knows how old it is.
    return (None, 0.0) if routes.is_empty or age < 0 else (routes, age)


def _write(file: Path, routes: "Routes") -> None:
    from baton.orchestra.rules.routes import RouteCatalogue

    kind = _ASSETS if isinstance(routes, RouteCatalogue) else _PAIRS
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, json.dumps({"fetchedAt": time.time(), "kind": kind, "list": routes.wire()}))
