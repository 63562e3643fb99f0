"""The one registry of search attributes: what operators can list and filter orders by in the Temporal UI.

No addresses and no personal data stand here: search attributes are never encrypted.
"""

from temporalio.common import SearchAttributeKey

PARTNER = SearchAttributeKey.for_keyword("BatonPartner")
PHASE = SearchAttributeKey.for_keyword("BatonPhase")
OUTCOME = SearchAttributeKey.for_keyword("BatonOutcome")
ROUTE = SearchAttributeKey.for_keyword("BatonRoute")
STATUS = SearchAttributeKey.for_keyword("OrchestraStatus")
QUOTE_ID = SearchAttributeKey.for_keyword("OrchestraQuoteId")
ORDER_ID = SearchAttributeKey.for_keyword("OrchestraOrderId")
ATTENTION = SearchAttributeKey.for_bool("BatonAttention")
NEXT_DEADLINE = SearchAttributeKey.for_datetime("BatonNextDeadline")

REGISTRY: dict[str, str] = {
    PARTNER.name: "Keyword",
    PHASE.name: "Keyword",
    OUTCOME.name: "Keyword",
    ROUTE.name: "Keyword",
    STATUS.name: "Keyword",
    QUOTE_ID.name: "Keyword",
    ORDER_ID.name: "Keyword",
    ATTENTION.name: "Bool",
    NEXT_DEADLINE.name: "Datetime",
}
"""Name to type, in the spelling of `temporal operator search-attribute create --type`."""
