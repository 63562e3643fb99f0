"""Everything that can go wrong when talking to the partner API, as one tree.

OrchestraError
├── NoAnswer            the network failed or the time ran out; the call may or may not have had its effect
├── MalformedAnswer     a success status with a body that cannot be read; the effect did happen
└── ErrorAnswer         the API answered with an error: code, message, HTTP status
    ├── RateLimited     429
    ├── InProgress      409 idempotency_in_progress: the first call with this key still runs
    ├── ServerTrouble   5xx, 408 and 425
    └── Refused         any other 4xx: the API decided, and has stored the decision under the idempotency key
        ├── Unauthorized   401 and 403
        └── NotFound       404 not_found

A 3xx is a bare ErrorAnswer: redirects are not followed, nothing was decided, and the base URL wants a look.

Each error answers one question for whoever retries: with the same idempotency key, with the next one, or never
(`Retry`). Source: the partner API reference, idempotency and error codes.
"""

from enum import StrEnum


class Retry(StrEnum):
    """How the call that failed may be tried again."""

    SAME_KEY = "same_key"
    """The outcome is unknown or was not stored: the same key makes the retry safe."""
    NEXT_KEY = "next_key"
    """The refusal is stored under the key but may pass later: only a new key asks anew."""
    NEVER = "never"
    """The API will not change its mind about this request."""


PASSING_REFUSALS = frozenset(
    {
        "tx_not_found",
        "vout_not_found",
        "conflict",
        "spot_unavailable",
        "route_unavailable",
        "service_unavailable",
    }
)
"""Refusal codes that speak of the moment, not of the request."""


class OrchestraError(Exception):
    """Base of every failure of a partner API call.

    Attributes:
        code: The API's error code, or a name of ours where the API did not speak (`no_answer`, `malformed_answer`).
        message: One sentence for people; never holds a key or a secret.
        retry: How the call may be tried again.
        retry_after: Seconds the API asked to wait, or None.
        http_status: HTTP status of the answer, or None without one.
        replayed: True when the API replayed a stored answer (`X-Idempotency-Replayed`).
    """

    retry: Retry = Retry.SAME_KEY

    def __init__(
        self,
        code: str,
        message: str,
        *,
        http_status: int | None = None,
        retry_after: float | None = None,
        replayed: bool = False,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.http_status = http_status
        self.retry_after = retry_after
        self.replayed = replayed


class NoAnswer(OrchestraError):
    """The network failed or the time ran out: whether the call had its effect is unknown."""


class MalformedAnswer(OrchestraError):
    """The call succeeded but its answer cannot be read."""


class ErrorAnswer(OrchestraError):
    """The API answered with an error envelope."""


class RateLimited(ErrorAnswer):
    """Too many calls; `retry_after` says when the next may pass, where the API tells."""


class InProgress(ErrorAnswer):
    """The first call with this idempotency key is still running."""


class ServerTrouble(ErrorAnswer):
    """The API failed on its side; nothing was decided."""


class Refused(ErrorAnswer):
    """The API decided against the request. Whether asking anew makes sense depends on the code."""

    @property
    def retry(self) -> Retry:  # type: ignore[override]
        """Return NEXT_KEY for refusals that speak of the moment, NEVER for the others."""
        return Retry.NEXT_KEY if self.code in PASSING_REFUSALS else Retry.NEVER


class Unauthorized(Refused):
    """The key is missing, wrong, disabled or lacks the right."""


class NotFound(Refused):
    """The thing does not exist, or belongs to another partner."""
