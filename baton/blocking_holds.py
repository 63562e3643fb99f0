"""The blocking client's calls about holds."""

from baton.blocking_calls import BlockingCalls, blocking
from baton.client_holds import HoldClient


class BlockingHoldClient(BlockingCalls):
    """Holds for code without an event loop; part of `BlockingBatonClient`."""

    hold = blocking(HoldClient.hold)
    release = blocking(HoldClient.release)
    open_holds = blocking(HoldClient.open_holds)
    known_holds = blocking(HoldClient.known_holds)
    holds = blocking(HoldClient.holds)
