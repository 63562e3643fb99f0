"""What a chain's watch is to Temporal: its input, and what one stretch of watching tells. Pure."""

from datetime import timedelta

from pydantic import BaseModel

WATCH_CHAIN = "watch_chain"

STRETCH = timedelta(minutes=10)
"""How long one activity watches; it heartbeats all the while, so its length costs nothing but history when short."""

IDLE_STRETCHES = 3
"""After so many stretches without an address to watch, the workflow ends; the next order starts it again."""


class ChainWatch(BaseModel):
    """Input of the watch workflow; `idle_stretches` is filled when a run continues as a new one."""

    chain: str
    idle_stretches: int = 0
    stretch: timedelta = STRETCH


class WatchChain(BaseModel):
    """Watch a chain for that long."""

    chain: str
    stretch: timedelta = STRETCH


class Watched(BaseModel):
    """What a stretch of watching brought.

    Attributes:
        addresses: Addresses watched at its end.
        scans: Looks at the chain.
        told: Notices sent to orders.
        head: Newest block looked at (Solana: slot).
        trouble: What went wrong with the providers the last time, if it has not passed.
        idle: The whole stretch passed, and at its end there was nothing to watch.
    """

    addresses: int = 0
    scans: int = 0
    told: int = 0
    head: int | None = None
    trouble: str | None = None
    idle: bool = False
