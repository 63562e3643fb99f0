"""The blocking client's calls about bulks."""

from baton.blocking_calls import BlockingCalls, blocking
from baton.client_bulks import BulkClient


class BlockingBulkClient(BlockingCalls):
    """Bulks for code without an event loop; part of `BlockingBatonClient`."""

    start_bulk = blocking(BulkClient.start_bulk)
    bulk = blocking(BulkClient.bulk)
    bulks = blocking(BulkClient.bulks)
    bulk_results = blocking(BulkClient.bulk_results)
    stop_bulk = blocking(BulkClient.stop_bulk)
    resume_bulk = blocking(BulkClient.resume_bulk)
