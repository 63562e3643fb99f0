"""The refusals that depend on where an order stands and not on the request: HTTP status 409."""

from baton.failures import ORDER_BROKEN
from baton.holds.names import ON_HOLD
from baton.holds.rules import HOLD_RELEASED, TOO_MANY_HOLDS
from baton.orders.rules.closing import MONEY_UNDER_WAY
from baton.orders.rules.updates import (
    DEPOSIT_KNOWN,
    NO_OFFER_PENDING,
    NO_QUOTE_YET,
    NOT_CANCELLED,
    NOTHING_TO_REFUND,
    NOTHING_TO_REPORT,
    NOTHING_TO_RESOLVE,
    ORDER_CLOSED,
    REFERENCE_CONFLICT,
)

CONFLICTS = frozenset(
    {
        DEPOSIT_KNOWN,
        MONEY_UNDER_WAY,
        NO_OFFER_PENDING,
        NOT_CANCELLED,
        NOTHING_TO_REPORT,
        NOTHING_TO_RESOLVE,
        ORDER_BROKEN,
        ORDER_CLOSED,
        REFERENCE_CONFLICT,
        "endpoint_exists",
        "endpoint_in_file",
        HOLD_RELEASED,
        NOTHING_TO_REFUND,
        NO_QUOTE_YET,
        ON_HOLD,
        TOO_MANY_HOLDS,
        "claim_conflict",
        "not_disabled",
        "nothing_to_redeliver",
        "secret_not_saved",
        "secrets_not_in_file",
        "source_broken",
        "source_closed",
    }
)
"""Codes of refusals that another request, or the same one at another time, may not get."""
