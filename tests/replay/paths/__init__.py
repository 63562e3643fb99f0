"""The paths an order can take, by name: each is led through the real world once and its history stored."""

from tests.replay.paths import continuing, deposits, ends, oddities, open_ends, sources, waits
from tests.replay.registry import OrderPath

ALL: dict[str, OrderPath] = {
    path.name: path
    for module in (sources, deposits, waits, ends, oddities, open_ends, continuing)
    for path in module.PATHS.values()
}
