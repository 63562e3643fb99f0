"""What one turn of the floor benchmark measured, and the medians of several turns. Pure."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import product
from statistics import median
from typing import NamedTuple

from bench.support.figures import Spread, plain


class Contestant(StrEnum):
    """What is measured in turns."""

    BATON = "baton"
    FLOOR = "floor"
    DBOS = "dbos"
    POLLER = "poller"


class Server(StrEnum):
    """How each write is kept: by Temporal's dev server, and likewise by the others' databases."""

    SYNCED = "synced"
    TUNED = "tuned"


class FloorTurn(NamedTuple):
    """The figures of one turn.

    Attributes:
        contestant: What ran.
        under_way: Orders under way at the same time.
        seconds: Length of the measurement.
        orders: Orders that ended in that time.
        cpu_seconds: CPU seconds of each process; empty if the system does not report them.
        events: Events of an order's history, the median; None without Temporal, as the next two.
        workflow_tasks: Workflow tasks of an order.
        history_bytes: Bytes of its history.
        quote: Time from the start of an order to its quote.
        state: Time from a webhook or signal until the order's state has it.
        server: How writes were kept.
    """

    contestant: Contestant
    under_way: int
    seconds: float
    orders: int
    cpu_seconds: dict[str, float]
    events: float | None = None
    workflow_tasks: float | None = None
    history_bytes: float | None = None
    quote: Spread | None = None
    state: Spread | None = None
    server: Server = Server.TUNED

    @property
    def per_second(self) -> float:
        """Orders a second."""
        return self.orders / self.seconds


class FloorMedians(NamedTuple):
    """The medians of a contestant's turns on one server at one level; times in milliseconds."""

    server: Server
    contestant: Contestant
    under_way: int
    turns: int
    per_second: float
    lowest: float
    highest: float
    ratio: float | None
    """Orders a second, divided by those of the floor; None without a floor."""
    cpu_ms: dict[str, float]
    """CPU milliseconds of each process for one order."""
    events: float | None
    workflow_tasks: float | None
    history_bytes: float | None
    quote_p50: float | None
    quote_p99: float | None
    state_p50: float | None
    state_p99: float | None


def medians_of(turns: Sequence[FloorTurn]) -> list[FloorMedians]:
    """Return the medians by server and level, and within a level in the order of `Contestant`."""
    keys = product(Server, sorted({turn.under_way for turn in turns}), Contestant)
    groups = {key: [turn for turn in turns if (turn.server, turn.under_way, turn.contestant) == key] for key in keys}
    speeds = {key: median(turn.per_second for turn in group) for key, group in groups.items() if group}
    return [_medians(groups[key], speeds.get((*key[:2], Contestant.FLOOR))) for key in speeds]


def _medians(turns: list[FloorTurn], floor: float | None) -> FloorMedians:
    speeds = [turn.per_second for turn in turns]
    return FloorMedians(
        server=turns[0].server,
        contestant=turns[0].contestant,
        under_way=turns[0].under_way,
        turns=len(turns),
        per_second=round(median(speeds), 1),
        lowest=round(min(speeds), 1),
        highest=round(max(speeds), 1),
        ratio=round(median(speeds) / floor, 2) if floor else None,
        cpu_ms=_cpu_ms(turns),
        events=_middle(turns, lambda turn: turn.events),
        workflow_tasks=_middle(turns, lambda turn: turn.workflow_tasks),
        history_bytes=_middle(turns, lambda turn: turn.history_bytes),
        quote_p50=_middle(turns, lambda turn: turn.quote and turn.quote.p50_ms),
        quote_p99=_middle(turns, lambda turn: turn.quote and turn.quote.p99_ms),
        state_p50=_middle(turns, lambda turn: turn.state and turn.state.p50_ms),
        state_p99=_middle(turns, lambda turn: turn.state and turn.state.p99_ms),
    )


def _cpu_ms(turns: list[FloorTurn]) -> dict[str, float]:
    names = dict.fromkeys(name for turn in turns for name in turn.cpu_seconds)
    ended = [turn for turn in turns if turn.orders]
    if not ended:
        return {}
    used = {name: median(1000 * turn.cpu_seconds.get(name, 0) / turn.orders for turn in ended) for name in names}
    return {name: round(cpu, 1) for name, cpu in used.items() if cpu >= 0.05}


def _middle(turns: list[FloorTurn], figure: Callable[[FloorTurn], float | None]) -> float | None:
    known = [value for turn in turns if (value := figure(turn)) is not None]
    return plain(round(median(known), 1)) if known else None
