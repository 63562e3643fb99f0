"""What the block cache keeps of dropped blocks, and when a balance snapshot is discarded."""

from baton.chains.evm.block_cache import BlockCache, CachedBlock

ADDRESS = "0x" + "c" * 40


def cached_block(height: int, more: int = 0) -> CachedBlock:
    return CachedBlock(height, f"0x{height:064x}", height * 10, (), {ADDRESS: more})


def test_balance_changes_of_dropped_final_blocks_are_kept() -> None:
    cache = BlockCache()
    cache.take_snapshot(9, {ADDRESS: 5})
    cache.blocks = {10: cached_block(10, more=1), 11: cached_block(11, more=2), 12: cached_block(12, more=4)}
    cache.forget_below(12)
    assert list(cache.blocks) == [12]
    assert cache.explained(ADDRESS, 12) == 7


def test_a_gap_in_the_blocks_discards_the_balance_snapshot() -> None:
    cache = BlockCache()
    cache.take_snapshot(9, {ADDRESS: 5})
    cache.blocks = {10: cached_block(10, more=1)}
    cache.forget_below(20)
    assert cache.snapshot is None


def test_dropping_blocks_drops_a_later_balance_snapshot() -> None:
    cache = BlockCache()
    cache.blocks = {10: cached_block(10), 11: cached_block(11)}
    cache.take_snapshot(11, {ADDRESS: 5})
    cache.drop_since(110)
    assert list(cache.blocks) == [10]
    assert cache.snapshot is None
