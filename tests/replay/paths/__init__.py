"""The paths that an order can take, by name; each is run once and its history stored."""

from tests.replay.paths import (
    address_deposits,
    addresses,
    chain_deposits,
    claims,
    continuing,
    deposits,
    ends,
    holds,
    local_calls,
    named_signals,
    oddities,
    offers,
    offramps,
    onramps,
    open_ends,
    operations,
    pay_links,
    placements,
    questions,
    refunds,
    sources,
    waits,
)
from tests.replay.registry import OrderPath, OtherPath

_MODULES = (
    sources,
    deposits,
    chain_deposits,
    waits,
    ends,
    local_calls,
    named_signals,
    refunds,
    offers,
    questions,
    onramps,
    offramps,
    oddities,
    open_ends,
    holds,
    continuing,
)
ALL: dict[str, OrderPath] = {path.name: path for module in _MODULES for path in module.PATHS.values()}
OTHERS: dict[str, OtherPath] = {
    **claims.PATHS,
    **addresses.PATHS,
    **address_deposits.PATHS,
    **pay_links.PATHS,
    **placements.PATHS,
    **holds.OTHER_PATHS,
    **operations.PATHS,
}
