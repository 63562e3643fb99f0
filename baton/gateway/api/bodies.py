"""Bodies of requests to the order API: documents as in Python, and the small ones of updates."""

import json
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from baton.errors import DocumentError
from baton.orchestra.models import Wire
from baton.orchestra.proofs import DepositProof
from baton.orchestra.rules.reprice import RepriceAction
from baton.orders.complaints import check_texts
from baton.orders.models import Outcome

_STRICT = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")
_TEXT = 500
"""Characters of a reason, as orders keep it."""


async def json_object(request: Request) -> dict[str, Any]:
    """Return the JSON object that a request's body holds.

    Raises:
        DocumentError: It is no JSON, or no object.
    """
    try:
        content = json.loads(await request.body())
        if isinstance(content, dict):
            check_texts(content)
    except DocumentError:
        raise
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        raise DocumentError(f"the body is not JSON: {reason}", "send one JSON object") from None
    if not isinstance(content, dict):
        raise DocumentError("the body is not a JSON object", "send one JSON object")
    return content


Document = Annotated[dict[str, Any], Depends(json_object)]


class DepositBody(DepositProof):
    """The payer's deposit by the proof of its chain: `txHash`, `sparkTxHash`, or `bitcoinTxid` with its output."""

    model_config = _STRICT

    quote_id: str | None = Field(default=None, max_length=200, description="The older quote that the deposit paid.")

    def proof(self) -> DepositProof:
        """Return the proof alone."""
        return DepositProof.model_validate(self.model_dump(exclude={"quote_id"}))


class DecisionBody(Wire):
    """The answer to the open question: `accept` to a ZeroConf offer, `action` to a repricing."""

    model_config = _STRICT

    accept: bool | None = None
    action: RepriceAction | None = None
    minimum: int | None = Field(default=None, ge=1, description="Least to approve, in smallest destination units.")
    refund_address: str | None = Field(default=None, max_length=_TEXT)
    reason: str | None = Field(default=None, max_length=_TEXT)

    @model_validator(mode="after")
    def _one_answer(self) -> "DecisionBody":
        if (self.accept is None) == (self.action is None):
            raise ValueError("accept: give either accept, for a ZeroConf offer, or action, for a repricing")
        if self.accept is not None and (self.minimum is not None or self.refund_address is not None):
            raise ValueError("accept: minimum and refundAddress belong to the answer to a repricing")
        return self


class ResolutionBody(Wire):
    """What was found and done about an attention; with `closeAs` it closes the order by hand."""

    model_config = _STRICT

    note: str = Field(min_length=1, max_length=1000)
    reason: str | None = Field(default=None, max_length=100)
    close_as: Outcome | None = None
    despite: list[str] = Field(
        default=[], max_length=100, description="With `closeAs`, the ids that the refusal `money_under_way` names."
    )


class NoteBody(Wire):
    """Why something is done, for the record of acts."""

    model_config = _STRICT

    note: str | None = Field(default=None, min_length=1, max_length=1000)


class ClosingBody(Wire):
    """How an order ended that Orchestra will never report, what was found, and the money under way that is known."""

    model_config = _STRICT

    outcome: Outcome
    note: str = Field(min_length=1, max_length=1000)
    despite: list[str] = Field(default=[], max_length=100, description="Ids that the refusal `money_under_way` names.")


class RefundBody(Wire):
    """Why a deposit to a reusable address is refunded, and where to."""

    model_config = _STRICT

    note: str = Field(min_length=1, max_length=1000)
    refund_address: str | None = Field(default=None, max_length=_TEXT)


class SourceChangeBody(Wire):
    """New values for an address or a link; what is left out stays as it is."""

    model_config = _STRICT

    label: str | None = None
    metadata: dict[str, str] | None = Field(default=None, description="All entries; those that are not named are gone.")
    policy: dict[str, Any] | None = Field(default=None, description="The whole policy, as in the document.")


class DisableBody(Wire):
    """Why an address or a link is disabled."""

    model_config = _STRICT

    reason: str = Field(default="disabled by the business", min_length=1, max_length=_TEXT)
