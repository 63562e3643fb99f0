"""How the responses of the order API are made and described."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel
from starlette.responses import Response

from baton.gateway.api.errors import ErrorEnvelope

_MEANINGS: dict[int | str, str] = {
    401: "There is no token, or it is not known.",
    403: "The token lacks the verb, or does not cover the account.",
    404: "There is no such thing in this account.",
    422: "The request cannot be used, or Orchestra refuses it.",
    503: "Temporal, a worker or the ledger did not answer; asking again is safe.",
    "default": "Any other refusal, in the same envelope.",
}

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorEnvelope, "description": meaning} for status, meaning in _MEANINGS.items()
}
"""The refusals that any call can get, for FastAPI's `responses`."""

CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorEnvelope, "description": "As it stands, or under this reference, this cannot be done."}
}
"""The refusal of calls that change something."""

ANY_REFERENCE = r"^[A-Za-z0-9~][A-Za-z0-9._:~-]{0,127}$"
"""A reference of the business, or one that Baton made itself, which has a `~`."""

Reference = Annotated[str, Path(pattern=ANY_REFERENCE, description="Your reference of it.")]


def answer(model: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a response with the JSON of a model, exactly as `baton --json` prints it.

    FastAPI's own way would give the parts that are requests to the partner API other names than everywhere else.
    """
    return Response(model.model_dump_json(), status, headers, media_type="application/json")
