"""The order in which the processes that share the tests take their files: the longest first, so that they end together.

Without it one process is left with a file of a minute while the other has nothing to do.
"""

from pathlib import PurePosixPath

LONGEST = (
    "end_to_end/test_bulk.py",
    "temporal_ui/test_in_a_browser.py",
    "local/nodes/test_bitcoin.py",
    "end_to_end/test_source_order_kills.py",
    "end_to_end/test_kills_at_boundaries.py",
    "end_to_end/test_claim_kills.py",
    "end_to_end/test_holds.py",
    "cli/commands/test_sandbox.py",
    "bench/test_watch_cost.py",
    "end_to_end/test_submits_in_vain.py",
    "end_to_end/test_hold_kills.py",
    "end_to_end/test_ledger_lost.py",
    "end_to_end/test_address_deposits.py",
    "cli/test_printed_documents.py",
    "end_to_end/test_ledger_outages.py",
    "end_to_end/test_watch_outages.py",
    "end_to_end/test_kills.py",
    "end_to_end/test_ownership.py",
    "end_to_end/test_affiliates.py",
    "end_to_end/test_large_values.py",
    "examples/test_shops.py",
    "deploy/test_kubernetes_probes.py",
    "packaging/test_client_alone.py",
    "bench/test_growth.py",
    "local/nodes/test_surfnet.py",
    "local/stack/test_chain_nodes.py",
    "end_to_end/test_streams.py",
    "end_to_end/test_address_kills.py",
    "bench/test_sources.py",
    "cli/commands/test_start_batch.py",
    "local/stack/test_up.py",
    "end_to_end/test_temporal_login.py",
    "end_to_end/test_every_edge.py",
    "end_to_end/test_metrics.py",
    "local/sandbox/test_restarts.py",
    "ledger/test_upgrade.py",
    "ledger/test_migrations.py",
    "end_to_end/test_backup.py",
    "bench/test_order_cost.py",
    "bench/test_read_budget.py",
)
"""The files that take more than ten seconds, the longest first. A file that is missing here ends a little later."""

_RANKS = {name: rank for rank, name in enumerate(LONGEST)}


def rank_of(node_id: str) -> int:
    """Return the place of a test's file; files that are not long keep their order behind those that are."""
    file = PurePosixPath(node_id.partition("::")[0])
    return _RANKS.get("/".join(file.parts[1:]), len(LONGEST))
