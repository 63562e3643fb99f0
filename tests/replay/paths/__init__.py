"""The paths an order can take, by name: each is led through the real world once and its history stored."""

from tests.replay.paths import continuing, deposits, ends, oddities, offers, open_ends, refunds, sources, waits
from tests.replay.registry import OrderPath

ALL: dict[str, OrderPath] = {
    path.name: path
    for module in (sources, deposits, waits, ends, refunds, offers, oddities, open_ends, continuing)
    for path in module.PATHS.values()
}
