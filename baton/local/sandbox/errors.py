"""Refusals of the partner API as one exception, and the HTTP status of each documented code.

Source: the partner API reference, request-level error codes.
"""

from collections.abc import Mapping
from typing import Any

STATUS_OF_CODE: Mapping[str, int] = {
    "unauthorized": 401,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "idempotency_conflict": 409,
    "idempotency_in_progress": 409,
    "instruction_conflict": 409,
    "refund_not_available": 409,
    "standing_tron_refund_requires_operator": 409,
    "standing_zeroconf_offer_conflict": 409,
    "quote_expired": 409,
    "expired": 409,
    "payload_too_large": 413,
    "unsupported_media_type": 415,
    "rate_limited": 429,
    "internal_error": 500,
    "misconfigured": 500,
    "service_unavailable": 503,
    "spot_unavailable": 503,
    "route_unavailable": 503,
}
"""Codes whose status is not 400."""


class ApiError(Exception):
    """A refusal of the partner API or of the admin API.

    Attributes:
        code: The API's error code.
        message: One sentence that names the field or the remedy.
        status: HTTP status.
        headers: Extra response headers, such as `Retry-After`.
    """

    def __init__(
        self, code: str, message: str, *, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = STATUS_OF_CODE.get(code, 400) if status is None else status
        self.headers = dict(headers or {})

    @property
    def envelope(self) -> dict[str, Any]:
        """Return the JSON body of the refusal."""
        return {"error": {"code": self.code, "message": self.message}}


def invalid(message: str) -> ApiError:
    """Return the refusal of an invalid body or field."""
    return ApiError("invalid_request", message)


def unknown(message: str) -> ApiError:
    """Return the refusal of something that does not exist, or belongs to another partner."""
    return ApiError("not_found", message)
