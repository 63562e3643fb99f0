"""The order in which the processes that share the tests take their files: the longest first, so that they end together.

Without it one process is left with a file of a minute while the other has nothing to do.
"""

from pathlib import PurePosixPath

LONGEST = (
    "end_to_end/test_source_order_kills.py",
    "end_to_end/test_rehearsals.py",
    "gateway/ops/test_in_a_browser.py",
    "end_to_end/test_holds.py",
    "end_to_end/test_kills_at_boundaries.py",
    "examples/test_shops.py",
    "local/nodes/test_bitcoin.py",
    "end_to_end/test_encryption.py",
    "end_to_end/test_affiliates.py",
    "temporal_ui/test_in_a_browser.py",
    "notifications/test_delivering.py",
    "end_to_end/test_hold_kills.py",
    "cli/commands/test_sandbox.py",
    "end_to_end/test_ownership.py",
    "gateway/pay/test_in_a_browser.py",
    "local/nodes/test_surfnet.py",
    "end_to_end/test_streams.py",
    "bench/test_order_cost.py",
    "deploy/test_kubernetes_probes.py",
    "gateway/ops/test_health_and_figures.py",
    "bench/test_growth.py",
    "end_to_end/test_address_faults.py",
    "end_to_end/test_nexus.py",
    "end_to_end/test_submits_in_vain.py",
    "end_to_end/test_watch_outages.py",
    "end_to_end/test_notifications.py",
    "end_to_end/test_metrics.py",
    "end_to_end/test_nexus_kills.py",
    "cli/test_printed_documents.py",
    "end_to_end/test_claim_kills.py",
    "end_to_end/test_deposit_set.py",
    "end_to_end/test_kills.py",
    "end_to_end/test_address_deposits.py",
    "end_to_end/test_worker_start.py",
    "end_to_end/test_ledger_outages.py",
    "gateway/api/test_tokens.py",
    "ledger/test_migrations.py",
    "ledger/test_upgrade.py",
    "cli/commands/test_bulk.py",
    "end_to_end/test_order_lists_api.py",
    "end_to_end/test_webhooks.py",
    "local/stack/test_chain_nodes.py",
    "gateway/api/test_events.py",
    "end_to_end/test_bulk.py",
    "local/stack/test_up.py",
    "gateway/test_proxy.py",
    "end_to_end/test_deposits_on_other_chains.py",
    "gateway/ops/test_holds_and_bulk.py",
    "local/nodes/test_anvil.py",
    "replay/test_replay.py",
    "end_to_end/test_zeroconf.py",
    "end_to_end/test_waiting.py",
    "end_to_end/test_planned_claims.py",
    "gateway/api/test_endpoints.py",
    "gateway/test_outages.py",
    "end_to_end/test_every_edge.py",
    "end_to_end/test_orders_found.py",
    "bench/test_watch_cost.py",
    "packaging/test_client_alone.py",
    "ledger/test_index.py",
    "end_to_end/test_deposits_on_chain.py",
)
"""The files that take more than eight seconds, the longest first. A file that is missing here ends a little later."""

_RANKS = {name: rank for rank, name in enumerate(LONGEST)}


def rank_of(node_id: str) -> int:
    """Return the place of a test's file; files that are not long keep their order behind those that are."""
    file = PurePosixPath(node_id.partition("::")[0])
    return _RANKS.get("/".join(file.parts[1:]), len(LONGEST))
