"""The options of a sandbox."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SERVICE = "baton-sandbox"
"""By this name a sandbox can be told from a real Orchestra."""

DEFAULT_KEY = "fn_sandbox"
DEFAULT_PARTNER = "par_sandbox"
DEFAULT_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105 - published on purpose; it guards nothing


class Options(BaseModel):
    """Options of a sandbox.

    Attributes:
        api_keys: Accepted API keys, each with its partner.
        quote_ttl: Seconds until a quote expires.
        invoice_ttl: Seconds until the invoice of an onramp expires.
        step_seconds: Pause in seconds before an order's step, unless the step sets its own.
        time_scale: Factor on all pauses of orders, detection included.
        retry_scale: Factor on the documented delays between webhook attempts.
        receiver_timeout: Real seconds that a webhook receiver has to answer.
        heartbeat_seconds: Seconds between the heartbeats of an event stream.
        recovery_seconds: Seconds in which a late deposit resumes an unfulfilled order.
        detect_seconds: Seconds after which a deposit with `detect` is seen without a submit.
        missing_status: HTTP status of `tx_not_found` and `vout_not_found`.
        stores_missing: Whether those two refusals are stored under the idempotency key, like other refusals.
        generation: How wrong ZeroConf decisions are refused: `g2` with 400 `invalid_state`; `g3` with 409, and
            `expired` after the offer's deadline.
        scenario: Scenario of new quotes.
        scenario_file: JSON or TOML file that adds scenarios.
        state_file: SQLite file that keeps the sandbox's state; without it, the state ends with the sandbox.
        settle: File of the local chain nodes on which deposits are real transactions; see `baton.local.nodes.book`.
        open_admin: Whether other machines may call the admin API.
        webhook_url: Webhook endpoint to register at startup, for the first key's partner.
        webhook_secret: Secret of that endpoint.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_keys: Mapping[str, str] = Field(default={DEFAULT_KEY: DEFAULT_PARTNER}, min_length=1)
    quote_ttl: float = Field(default=120.0, gt=0)
    invoice_ttl: float = Field(default=120.0, gt=0)
    step_seconds: float = Field(default=0.4, ge=0)
    time_scale: float = Field(default=1.0, ge=0)
    retry_scale: float = Field(default=1.0, ge=0)
    receiver_timeout: float = Field(default=10.0, gt=0)
    heartbeat_seconds: float = Field(default=15.0, gt=0)
    recovery_seconds: float = Field(default=21_600.0, ge=0)
    detect_seconds: float = Field(default=0.5, ge=0)
    missing_status: int = Field(default=404, ge=400, le=499)
    stores_missing: bool = True
    generation: Literal["g2", "g3"] = "g2"
    scenario: str | None = None
    scenario_file: Path | None = None
    state_file: Path | None = None
    settle: Path | None = None
    open_admin: bool = False
    webhook_url: str | None = None
    webhook_secret: str = Field(default=DEFAULT_WEBHOOK_SECRET, min_length=1, repr=False)

    @property
    def unstored_codes(self) -> frozenset[str]:
        """Return the codes of refusals that are not stored under their idempotency key."""
        return frozenset() if self.stores_missing else frozenset({"tx_not_found", "vout_not_found"})
