"""Past ZeroConf offers for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 3, 1, tzinfo=UTC)


DECIDE = {"mode": "decide", "maxFeeBps": 100, "minConfirmationProbability": 0.9}


def offer(hours: float = 0, **fields: Any) -> dict[str, Any]:
    made = {
        "status": "accepted",
        "quoteId": f"zc_{hours}",
        "depositSats": "250000",
        "instantSats": "248000",
        "feeSats": "2000",
        "confirmationProbability": 0.97,
        "offeredAt": (START + timedelta(hours=hours)).isoformat(),
    }
    return made | fields
