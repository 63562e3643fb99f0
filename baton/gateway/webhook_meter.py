"""Counts webhooks: what became of each, or the code of the error that its sender got, and how long that took."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.requests import ClientDisconnect

from baton.gateway.errors import EdgeError
from baton.metrics.instruments import WEBHOOK_RESPONSE, WEBHOOKS, WEBHOOKS_EXPECTED, WEBHOOKS_REJECTED
from baton.settings import PartnerAccount

ACCEPTED = ("handed_over", "adopted", "late", "unclaimed", "test")
"""What may become of a webhook."""


@dataclass
class WebhookMeter:
    """One webhook while it is received; `result` is what became of it."""

    result: str = "unclaimed"


def show_accounts(accounts: Mapping[str, PartnerAccount]) -> None:
    """Show every account from the start, because a rate can only be taken of a series that was there before."""
    for account in accounts.values():
        WEBHOOKS_EXPECTED.labels(account.name).set(0 if account.webhooks_unreachable else 1)
        for result in ACCEPTED:
            WEBHOOKS.labels(account.name, result)


@contextmanager
def metered(account: str) -> Iterator[WebhookMeter]:
    """Count the webhook that the block receives.

    Args:
        account: The account; empty for one that the gateway does not have, so that senders cannot name new ones.
    """
    began, meter = time.monotonic(), WebhookMeter()
    try:
        yield meter
    except EdgeError as error:
        WEBHOOKS_REJECTED.labels(account, error.code).inc()
        raise
    except ClientDisconnect:
        WEBHOOKS_REJECTED.labels(account, "disconnected").inc()
        raise
    except Exception:
        WEBHOOKS_REJECTED.labels(account, "internal_error").inc()
        raise
    else:
        WEBHOOKS.labels(account, meter.result).inc()
    finally:
        WEBHOOK_RESPONSE.observe(time.monotonic() - began)
