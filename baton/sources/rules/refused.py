"""Addresses and links that Orchestra refused to create: their workflow fails and their reference is free. Pure."""

from temporalio.exceptions import ApplicationError

from baton.sources.answers import SourceResult
from baton.sources.state import SourcePhase

SOURCE_REFUSED = "source_refused"
"""The type of the failure of an address or a link that never existed."""


def source_result_or_failure(result: SourceResult) -> SourceResult:
    """Return the result of a source that existed.

    Raises:
        ApplicationError: It was refused; the details are the reason's code and message, and the whole result.
    """
    if result.phase is not SourcePhase.REFUSED:
        return result
    reason = result.reason
    code, message = (reason.code, reason.message) if reason else ("refused", "it was refused")
    raise ApplicationError(f"{code}: {message}", code, message, result, type=SOURCE_REFUSED, non_retryable=True)


def refused_source_result(failure: BaseException | None) -> SourceResult | None:
    """Return the result that such a failure carries; None if the workflow failed for another reason."""
    if not isinstance(failure, ApplicationError) or failure.type != SOURCE_REFUSED or len(failure.details) < 3:
        return None
    return SourceResult.model_validate(failure.details[2])
