"""The messages of the watch workflow and its activity. Pure."""

from datetime import timedelta

from pydantic import BaseModel

from baton.chains.provider_state import ProviderState
from baton.encoding.amounts import Time

WATCH_CHAIN = "watch_chain"

STRETCH = timedelta(minutes=10)
"""How long one activity watches. It heartbeats all the time, so a longer stretch only saves history."""

IDLE_STRETCHES = 3
"""Stretches without an address to watch after which the workflow ends; the next order starts it again."""


MAX_UNREADABLE = 5
"""How many transactions or events that cannot be read the watch names at a time."""


class ChainWatch(BaseModel):
    """Input of the watch workflow; a continued run brings its `idle_stretches`."""

    chain: str
    idle_stretches: int = 0
    stretch: timedelta = STRETCH


class WatchChain(BaseModel):
    """Input of the activity: the chain and how long to watch it."""

    chain: str
    stretch: timedelta = STRETCH


class Watched(BaseModel):
    """The figures of one stretch of watching.

    Attributes:
        addresses: Addresses watched at its end.
        scans: Scans of the chain.
        told: Notices sent to orders.
        head: Newest block scanned (Solana: slot).
        trouble: The last error of the providers, until a scan succeeds.
        unreadable: What the last scan stepped over because it could not be read, at most `MAX_UNREADABLE` sentences.
            The next scans try it again.
        idle: The stretch ran to its end, and there was nothing to watch then.
        scanned_at: When a scan last got an answer.
        caught_up_at: When a scan last reached the newest block.
        head_at: When `head` was first the newest block scanned: a head that never moves is a provider's fault.
        behind: How many blocks the last scan stopped before the newest one, where the chain's reader knows.
        failing_since: When the providers began to fail; None once a scan succeeds.
        providers: How each provider is doing.
    """

    addresses: int = 0
    scans: int = 0
    told: int = 0
    head: int | None = None
    trouble: str | None = None
    unreadable: list[str] = []
    idle: bool = False
    scanned_at: Time | None = None
    caught_up_at: Time | None = None
    head_at: Time | None = None
    behind: int | None = None
    failing_since: Time | None = None
    providers: list[ProviderState] = []
