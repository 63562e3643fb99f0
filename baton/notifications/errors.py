"""Why a call about endpoints or deliveries is refused."""

from baton.errors import BatonError


class EndpointUnknown(BatonError):
    """No endpoint, event or delivery has that name."""

    def __init__(self, kind: str, name: str) -> None:
        remedy = "see `baton endpoint list`" if kind == "endpoint" else "see `baton deliveries list`"
        super().__init__(f"{kind}_unknown", f"there is no {kind} {name[:80]!a}", remedy)


class EndpointRefused(BatonError):
    """An endpoint cannot be changed like this."""
