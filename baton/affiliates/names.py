"""The names of affiliates in Temporal: workflow types and ids, messages, activities."""

CLAIM_WORKFLOW = "ClaimWorkflow"
"""The type of the workflow of one claim, for callers that start it without importing it."""

CLAIM_ROUND_WORKFLOW = "ClaimRoundWorkflow"
"""The type of the workflow that an account's schedule starts: it starts the claims that are due."""

MAKE_CLAIM = "claim"
"""The update that answers once the claim is made or refused."""

CLAIM_STANDING = "standing"
"""The query for where a claim stands."""

PUT_AFFILIATE = "put_affiliate"
LIST_AFFILIATES = "list_affiliates"
DISABLE_AFFILIATE = "disable_affiliate"
LIST_CLAIMS = "list_claims"
AFFILIATE_REPORT = "affiliate_report"
KNOWN_CLAIMS = "known_claims"
CLAIM_BALANCE = "claim_balance"
FOLLOW_CLAIM = "follow_claim"
DUE_CLAIMS = "due_claims"


def claim_workflow_id(account: str, affiliate_id: str) -> str:
    """Return the id of an affiliate's claim: only one is open at a time."""
    return f"claim/{account}/{affiliate_id}"


def claims_schedule_id(account: str) -> str:
    """Return the id of the schedule that claims for an account; its workflows have this id and their time."""
    return f"claims/{account}"


def claim_step(first_run_id: str) -> str:
    """Return the name of the step in the idempotency keys of a claim: the claims of one affiliate share their id.

    A reset keeps the first run's id, and so the key.
    """
    return f"claim-{first_run_id[:13]}"
