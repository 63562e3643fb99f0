"""Baton: durable orders for partners of Flashnet Orchestra, one Temporal workflow each.

A business app imports everything it needs from here. Each name loads its module when it is first used, so `import
baton` is quick, also in Baton's own workflows.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from baton.version import __version__

if TYPE_CHECKING:
    from baton.blocking import BlockingBatonClient
    from baton.client import BatonClient
    from baton.errors import (
        AffiliateRefused,
        BatonError,
        DocumentError,
        HoldRefused,
        HoldUnknown,
        InvalidArgument,
        OrderRefused,
        OrderUnknown,
        SourceRefused,
        SourceUnknown,
        Unreachable,
    )
    from baton.holds.models import HeldCalls, HeldOrders, Hold, HoldAnswer, HoldLine, HoldList, HoldRelease
    from baton.orchestra.lifecycle import Status
    from baton.orchestra.proofs import DepositProof
    from baton.orchestra.rules.reprice import RepriceAction
    from baton.orders.amounts import AssetAmount, OrderAmounts
    from baton.orders.answers import OrderResult, Placement, RefundResult, Snapshot, Standing
    from baton.orders.document import (
        OfframpDocument,
        OnrampDocument,
        OrderDocument,
        PolicyDocument,
        SwapDocument,
    )
    from baton.orders.models import Attention, OnQuoteExpiry, OrderPolicy, Outcome, Payer, Phase, Reason, Waiting
    from baton.orders.order_source import OrderSource, SourceKind
    from baton.orders.reports import RepriceDecision
    from baton.orders.state import PaymentPage
    from baton.orders.visibility import OrderLine
    from baton.sources.answers import SourceSnapshot
    from baton.sources.state import SourcePhase
    from baton.sources.visibility import SourceLine

__all__ = [
    "AffiliateRefused",
    "AssetAmount",
    "Attention",
    "BatonClient",
    "BatonError",
    "BlockingBatonClient",
    "DepositProof",
    "DocumentError",
    "HeldCalls",
    "HeldOrders",
    "Hold",
    "HoldAnswer",
    "HoldLine",
    "HoldList",
    "HoldRefused",
    "HoldRelease",
    "HoldUnknown",
    "InvalidArgument",
    "OfframpDocument",
    "OnQuoteExpiry",
    "OnrampDocument",
    "OrderAmounts",
    "OrderDocument",
    "OrderLine",
    "OrderPolicy",
    "OrderRefused",
    "OrderResult",
    "OrderSource",
    "OrderUnknown",
    "Outcome",
    "Payer",
    "PaymentPage",
    "Phase",
    "Placement",
    "PolicyDocument",
    "Reason",
    "RefundResult",
    "RepriceAction",
    "RepriceDecision",
    "Snapshot",
    "SourceKind",
    "SourceLine",
    "SourcePhase",
    "SourceRefused",
    "SourceSnapshot",
    "SourceUnknown",
    "Standing",
    "Status",
    "SwapDocument",
    "Unreachable",
    "Waiting",
    "__version__",
]

_MODULES = {
    "baton.blocking": ("BlockingBatonClient",),
    "baton.client": ("BatonClient",),
    "baton.errors": (
        "AffiliateRefused",
        "BatonError",
        "DocumentError",
        "HoldRefused",
        "HoldUnknown",
        "InvalidArgument",
        "OrderRefused",
        "OrderUnknown",
        "SourceRefused",
        "SourceUnknown",
        "Unreachable",
    ),
    "baton.holds.models": ("HeldCalls", "HeldOrders", "Hold", "HoldAnswer", "HoldLine", "HoldList", "HoldRelease"),
    "baton.orchestra.lifecycle": ("Status",),
    "baton.orchestra.proofs": ("DepositProof",),
    "baton.orchestra.rules.reprice": ("RepriceAction",),
    "baton.orders.amounts": ("AssetAmount", "OrderAmounts"),
    "baton.orders.answers": ("OrderResult", "Placement", "RefundResult", "Snapshot", "Standing"),
    "baton.orders.document": (
        "OfframpDocument",
        "OnrampDocument",
        "OrderDocument",
        "PolicyDocument",
        "SwapDocument",
    ),
    "baton.orders.models": (
        "Attention",
        "OnQuoteExpiry",
        "OrderPolicy",
        "Outcome",
        "Payer",
        "Phase",
        "Reason",
        "Waiting",
    ),
    "baton.orders.reports": ("RepriceDecision",),
    "baton.orders.state": ("PaymentPage",),
    "baton.orders.visibility": ("OrderLine",),
    "baton.orders.order_source": ("OrderSource", "SourceKind"),
    "baton.sources.answers": ("SourceSnapshot",),
    "baton.sources.state": ("SourcePhase",),
    "baton.sources.visibility": ("SourceLine",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


# Hidden from type checkers, for which it would turn every misspelt name into a name of type Any.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Load the module of a public name at its first use."""
        if name not in _MODULE_OF:
            raise AttributeError(f"module 'baton' has no attribute {name!r}")
        value = getattr(import_module(_MODULE_OF[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """Return the public names and what the module has already loaded."""
    return sorted({*globals(), *__all__})
