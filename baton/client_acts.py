"""How the client records what its caller does: who, when, to what, why, and how it ended."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from baton.errors import BatonError, Unreachable

if TYPE_CHECKING:
    from baton.ledger.act_rows import ActOutcome
    from baton.temporal_acts import ActRecorder

_WITHOUT_TEMPORAL = frozenset({"temporal_unavailable", "namespace_missing", "temporal_refused"})
"""Codes of errors after which Temporal takes no record either."""

T = TypeVar("T")


class Subject(NamedTuple):
    """What an act is done to."""

    kind: str
    account: str | None
    reference: str


class ActingClient:
    """The one way of the client's calls that change something; a base of its parts."""

    _by: str | None
    _acts: "ActRecorder"

    async def _act(self, act: str, subject: Subject, call: Awaitable[T], note: str | None = None) -> T:
        """Make a call that changes something, record it, and return its answer.

        Args:
            act: What is done, such as `cancel`.
            subject: What it is done to.
            call: The call.
            note: Why, in the caller's words.

        Raises:
            BatonError: As the call does; that is recorded, too.
        """
        try:
            answer = await call
        except BatonError as error:
            if isinstance(error, Unreachable) and error.code in _WITHOUT_TEMPORAL:
                raise  # nothing was done, and nothing can be recorded
            outcome: ActOutcome = "unanswered" if isinstance(error, Unreachable) else "refused"
            detail = f"{error.code}: {error.message}"
            await self._acts.record(act, *subject, note, outcome=outcome, detail=detail)
            raise
        await self._acts.record(act, *subject, note)
        return answer


def of_order(account: str, reference: str) -> Subject:
    """Return an order as what an act is done to."""
    return Subject("order", account, reference)
