"""What the payer page says about what came in: too little, too much, the wrong asset, twice, or gone again. Pure."""

from baton.gateway.pay.names import chain_name
from baton.gateway.pay.texts import Texts
from baton.orders.answers import Snapshot
from baton.orders.models import Phase

_SHORT = frozenset({"short", "below_required"})
_OVER = frozenset({"over", "above_max"})


def received_notes(order: Snapshot, texts: Texts) -> list[str]:
    """Return the sentences; none if exactly what was asked came in."""
    return [note for note in (_amount(order, texts), *_deposits(order, texts)) if note]


def _amount(order: Snapshot, texts: Texts) -> str | None:
    name = _difference(order)
    received, asked = order.amounts.received, order.amounts.in_
    if name is None or received is None or asked is None or received.display is None or asked.display is None:
        return None
    words = {"received": f"{received.display} {received.asset}", "agreed": f"{asked.display} {asked.asset}"}
    said = texts("received", name, **words)
    return said if order.outcome else f"{said} {texts('received', 'open')}"


def _difference(order: Snapshot) -> str | None:
    if order.received is not None:
        name = order.received.name
    else:
        name = next((deposit.verdict for deposit in order.deposits if deposit.state != "gone"), "")
    return "short" if name in _SHORT else "over" if name in _OVER else None


def _deposits(order: Snapshot, texts: Texts) -> list[str | None]:
    verdicts = {deposit.verdict for deposit in order.deposits if deposit.state != "gone"}
    gone = order.phase is Phase.AWAITING_DEPOSIT and any(deposit.state == "gone" for deposit in order.deposits)
    wrong = verdicts & {"wrong_token", "unknown_token"}
    return [
        texts("received", "wrong_token", asset=order.source_asset) if wrong else None,
        texts("received", "second") if "second" in verdicts else None,
        texts("received", "gone", chain=chain_name(order.source_chain)) if gone else None,
    ]
