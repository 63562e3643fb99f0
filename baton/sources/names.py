"""The names of addresses and links in Temporal and at Orchestra: workflow ids, messages, activities."""

from baton.orders.order_source import SourceKind

ADDRESS_WORKFLOW = "AddressWorkflow"
"""The type of the workflow of a reusable address, for callers that start it without importing it."""

PAYLINK_WORKFLOW = "PayLinkWorkflow"
"""The type of the workflow of a pay link, for callers that start it without importing it."""

SOURCE_READ_WORKFLOW = "SourceReadWorkflow"
"""The type of the workflow that reads an account's addresses and links at Orchestra, as a Schedule starts it."""

WORKFLOW_OF = {SourceKind.ADDRESS: ADDRESS_WORKFLOW, SourceKind.PAYLINK: PAYLINK_WORKFLOW}
"""The workflow type of each kind."""

CREATE = "create"
DISABLE = "disable"
CHANGE = "change"
RESOLVE_SOURCE = "resolve"
SOURCE = "source"
OBSERVE_SOURCE = "observe_source"

CREATE_SOURCE = "create_source"
DISABLE_SOURCE = "disable_source"
RECORD_SOURCE = "record_source"
READ_SOURCES = "read_sources"
FIND_ORDERS = "find_orders"


def source_workflow_id(kind: SourceKind, account: str, reference: str) -> str:
    """Return the id of an address's or a link's workflow, which makes the reference its idempotency key."""
    return f"{kind}/{account}/{reference}"


def source_schedule_id(account: str) -> str:
    """Return the id of the Schedule that has an account's addresses and links read at Orchestra."""
    return f"sources/{account}"
