"""The paths an order can take, by name: each is led through the real world once and its history stored."""

from tests.replay.paths import (
    continuing,
    deposits,
    ends,
    oddities,
    offers,
    onramps,
    open_ends,
    questions,
    refunds,
    sightings,
    sources,
    waits,
)
from tests.replay.registry import OrderPath

_MODULES = (
    sources,
    deposits,
    sightings,
    waits,
    ends,
    refunds,
    offers,
    questions,
    onramps,
    oddities,
    open_ends,
    continuing,
)
ALL: dict[str, OrderPath] = {path.name: path for module in _MODULES for path in module.PATHS.values()}
