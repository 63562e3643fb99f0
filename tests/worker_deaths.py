"""The worker that tests share ends by an exception: it is started again, and the test that ran meanwhile fails."""

import logging
from collections.abc import Awaitable, Callable

MOST_DEATHS = 3
"""How often one worker is started again."""

_deaths: list[Exception] = []
_log = logging.getLogger(__name__)


async def start_again(serve: Callable[[], Awaitable[None]]) -> None:
    """Serve until the end; after an exception show it and serve again.

    Raises:
        Exception: The last of too many.
    """
    for _ in range(MOST_DEATHS):
        try:
            return await serve()
        except Exception as death:
            _log.exception("a worker of the tests died and is started again")
            _deaths.append(death)
    return await serve()


def check_deaths() -> None:
    """Check that no worker died since the last check.

    Raises:
        AssertionError: One did; its exception is the cause.
    """
    if _deaths:
        death = _deaths[0]
        _deaths.clear()
        raise AssertionError(f"a worker that tests share died: {death!r}") from death
