"""How the responses of the order API are described."""

from typing import Any

from baton.gateway.api.errors import ErrorEnvelope

_MEANINGS = {
    401: "There is no token, or it is not known.",
    403: "The token lacks the verb, or does not cover the account.",
    404: "There is no such thing in this account.",
    422: "The request cannot be used, or Orchestra refuses it.",
    503: "Temporal, a worker or the ledger did not answer; asking again is safe.",
}

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorEnvelope, "description": meaning} for status, meaning in _MEANINGS.items()
}
"""The refusals that any call can get, for FastAPI's `responses`."""

CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorEnvelope, "description": "Where the order stands, this cannot be done."}
}
"""The refusal of calls that change something."""
