"""Everything that can go wrong in a call to the partner API, as one tree.

OrchestraError
├── NoAnswer            the network failed or the time ran out; whether the call took effect is unknown
├── ProxyAnswer         something between here and the API answered a 4xx: the API decided nothing
├── MalformedAnswer     a success status with a body that cannot be read; the call took effect
└── ErrorAnswer         the API answered with an error: code, message, HTTP status
    ├── RateLimited     429
    ├── InProgress      409 idempotency_in_progress: the first call with this key is still running
    ├── ServerTrouble   5xx, 408 and 425
    └── Refused         any other 4xx: the API decided, and has stored the decision under the idempotency key
        ├── Unauthorized   401 and 403
        └── NotFound       404 not_found

A 3xx is a plain ErrorAnswer: redirects are not followed, nothing was decided, and the base URL is probably wrong.

Each error says how to retry: with the same idempotency key, with the next one, or never (`Retry`). Source: the partner
API reference, idempotency and error codes.
"""

from enum import StrEnum

from baton.redaction import redacted


class Retry(StrEnum):
    """How a failed call may be retried."""

    SAME_KEY = "same_key"
    """The outcome is unknown or was not stored: the same key makes a retry safe."""
    NEXT_KEY = "next_key"
    """The refusal is stored under the key, but the same request may pass later: a retry needs a new key."""
    NEVER = "never"
    """The API will refuse this request every time."""


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
"""Refusal codes about a passing condition: the same request may pass later."""


NOT_FOUND_CODES = frozenset({"tx_not_found", "vout_not_found"})
"""Refusal codes that mean: the API's node does not show this deposit, now or ever."""


class OrchestraError(Exception):
    """Base of every failure of a partner API call.

    Attributes:
        code: The API's error code, or Baton's own where the API gave none (`no_answer`, `malformed_answer`).
        message: One sentence for people; never contains a key or a secret.
        retry: How the call may be retried.
        retry_after: Seconds that the API asks to wait, or None.
        http_status: HTTP status of the answer, or None without an answer.
        replayed: Whether the API repeated a stored answer (`X-Idempotency-Replayed`).
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
        self.code = redacted(code)
        self.message = redacted(message)
        super().__init__(f"{self.code}: {self.message}")
        self.http_status = http_status
        self.retry_after = retry_after
        self.replayed = replayed


class NoAnswer(OrchestraError):
    """The network failed or the time ran out: whether the call took effect is unknown."""


class ProxyAnswer(OrchestraError):
    """A 4xx without the API's error envelope: a proxy or a firewall answered, and the API decided nothing."""


class MalformedAnswer(OrchestraError):
    """The call succeeded, but its answer cannot be read."""


class ErrorAnswer(OrchestraError):
    """The API answered with an error envelope."""


class RateLimited(ErrorAnswer):
    """Too many calls; `retry_after` says when the next one may pass, where the API gives a time."""


class InProgress(ErrorAnswer):
    """The first call with this idempotency key is still running."""


class ServerTrouble(ErrorAnswer):
    """The API failed; it decided nothing."""


class Refused(ErrorAnswer):
    """The API refused the request. Whether a new key may help depends on the code."""

    @property
    def retry(self) -> Retry:  # type: ignore[override]
        """NEXT_KEY for refusals about a passing condition, NEVER for all others."""
        return Retry.NEXT_KEY if self.code in PASSING_REFUSALS else Retry.NEVER


class Unauthorized(Refused):
    """The API key is missing, wrong or disabled, or lacks a permission."""


class NotFound(Refused):
    """The resource does not exist, or belongs to another partner."""
