"""How far each order of the demo is, and how that is shown. Pure but for the clock it is handed."""

import json
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from orchestra.proofs import DepositProof
from stack.showcase import Showpiece
from workflows.models import Outcome, Snapshot

_STYLES = {Outcome.COMPLETED: "green", None: "yellow"}


@dataclass
class Progress:
    """One order of the demo on its way.

    Attributes:
        piece: What was ordered.
        reference: The order's reference.
        step: What the demo does at the moment, in words.
        proof: The deposit's proof, once deposited.
        snapshot: The order as last seen.
        seconds: Time from placing to the end.
        error: Why the demo gave the order up, if it did.
    """

    piece: Showpiece
    reference: str
    step: str = "placing"
    proof: DepositProof | None = None
    snapshot: Snapshot | None = None
    seconds: float = 0.0
    error: str | None = field(default=None)

    @property
    def outcome(self) -> Outcome | None:
        """Return how the order ended, or None while it has not."""
        return self.snapshot.outcome if self.snapshot else None

    @property
    def statuses(self) -> list[str]:
        """Return the statuses seen, in order."""
        return [one.status for one in self.snapshot.transitions] if self.snapshot else []

    @property
    def ending(self) -> str:
        """Return the outcome in a word, or what keeps the order from having one."""
        return self.outcome.value if self.outcome else self.error or self.step

    def line(self) -> dict[str, Any]:
        """Return the order's row of the final table."""
        return {
            "reference": self.reference,
            "source": self.piece.name,
            "route": self.piece.route,
            "quote_id": self.snapshot.quote_id if self.snapshot else None,
            "order_id": self.snapshot.order_id if self.snapshot else None,
            "proof": self.proof.wire() if self.proof else None,
            "reported_by": "business app" if self.piece.reported else "orchestra",
            "statuses": self.statuses,
            "outcome": self.outcome.value if self.outcome else None,
            "seconds": round(self.seconds, 2),
            "error": self.error,
        }


def json_line(order: Progress, ui_url: str | None) -> str:
    """Return the order's row as one JSON line."""
    return json.dumps({**order.line(), "temporal_ui": ui_url})


def live_table(orders: list[Progress]) -> Table:
    """Return the picture of orders under way."""
    table = Table("order", "route", "phase", "statuses", "waiting for", title="Orders", title_justify="left")
    for order in orders:
        waiting = order.snapshot.waiting_for if order.snapshot else None
        table.add_row(
            order.reference,
            order.piece.route,
            order.snapshot.phase.value if order.snapshot else order.step,
            " → ".join(order.statuses),
            f"{waiting.what} ({waiting.who})" if waiting else order.ending,
            style=_STYLES.get(order.outcome, "red"),
        )
    return table


def final_table(orders: list[Progress]) -> Table:
    """Return the table of how it ended, narrow enough for a terminal of 100 columns."""
    table = Table(title="How it ended", title_justify="left", show_lines=True)
    table.add_column("reference\nroute", overflow="fold")
    table.add_column("quote id\norder id\nproof", overflow="fold")
    table.add_column("statuses seen", no_wrap=True)
    table.add_column("outcome\nseconds", justify="right", overflow="fold")
    for order in orders:
        told = order.line()
        proof = order.proof.key if order.proof else "-"
        table.add_row(
            f"{order.reference}\n{order.piece.route}",
            f"{told['quote_id'] or '-'}\n{told['order_id'] or '-'}\n{proof}",
            "\n".join(order.statuses),
            f"{order.ending}\n{order.seconds:.1f}",
            style=_STYLES.get(order.outcome, "red"),
        )
    return table
