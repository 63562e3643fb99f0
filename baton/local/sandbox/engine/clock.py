"""The sandbox's clock: real time plus the seconds that the admin API has added.

Every wait of the sandbox (steps of an order, detection, quote expiry, webhook retries) uses `sleep`, so moving the
clock forward wakes all of them at once.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta


def iso(moment: datetime) -> str:
    """Return a time as the API writes it: ISO-8601 in UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wall_milliseconds() -> int:
    """Return the real time in milliseconds since the epoch.

    Delivery headers carry real time and not the sandbox's: receivers check the age by their own clock.
    """
    return time.time_ns() // 1_000_000


class SandboxClock:
    """Real time with an offset that only grows.

    Args:
        offset: Seconds that were added to the real time before.
    """

    def __init__(self, offset: float = 0.0) -> None:
        # Based on the monotonic clock, so that a correction of the machine's clock never moves the time back.
        self._origin = datetime.now(UTC) - timedelta(seconds=time.monotonic())
        self._offset = offset
        self._sleepers: set[asyncio.Future[None]] = set()

    @property
    def offset(self) -> float:
        """Return the seconds that were added to the real time."""
        return self._offset

    def now(self) -> datetime:
        """Return the sandbox's time, in UTC with milliseconds."""
        moment = self._origin + timedelta(seconds=time.monotonic() + self._offset)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def advance(self, seconds: float) -> None:
        """Move the time forward.

        Args:
            seconds: Seconds to add; not negative.

        Raises:
            ValueError: The seconds are negative.
        """
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        self._offset += seconds
        for sleeper in self._sleepers:
            _wake(sleeper)

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds of the sandbox's time."""
        loop, deadline = asyncio.get_running_loop(), self._elapsed() + seconds
        while (left := deadline - self._elapsed()) > 0:
            sleeper = loop.create_future()
            self._sleepers.add(sleeper)
            timer = loop.call_later(left, _wake, sleeper)
            try:
                await sleeper
            finally:
                timer.cancel()
                self._sleepers.discard(sleeper)

    async def sleep_until(self, moment: datetime) -> None:
        """Wait until the sandbox's time reaches that moment."""
        await self.sleep((moment - self.now()).total_seconds())

    def _elapsed(self) -> float:
        return time.monotonic() + self._offset


def _wake(sleeper: "asyncio.Future[None]") -> None:
    if not sleeper.done():
        sleeper.set_result(None)
