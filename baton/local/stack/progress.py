"""The progress of the demo's orders, and the tables that show it. Pure: the time is an argument."""

import json
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from baton.local.stack.showcase import Showpiece
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome


@dataclass
class Progress:
    """One order of the demo.

    Attributes:
        piece: What was ordered.
        reference: The order's reference.
        step: What the demo is doing, in one word.
        proof: The deposit's proof, once paid.
        snapshot: The latest snapshot of the order.
        seconds: Seconds from placing to the end.
        paid_at: When the deposit was paid, on the same clock as the `now` of `record`.
        seen_after: Seconds from the payment until Baton saw it on the chain.
        submitted_after: Seconds from the payment until Orchestra made an order from Baton's submit.
        error: Why the demo gave up on the order, if it did.
    """

    piece: Showpiece
    reference: str
    step: str = "placing"
    proof: DepositProof | None = None
    snapshot: Snapshot | None = None
    seconds: float = 0.0
    paid_at: float | None = None
    seen_after: float | None = None
    submitted_after: float | None = None
    error: str | None = field(default=None)

    @property
    def outcome(self) -> Outcome | None:
        """How the order ended, or None if it has not yet."""
        return self.snapshot.outcome if self.snapshot else None

    @property
    def statuses(self) -> list[str]:
        """The statuses so far, in order."""
        return [transition.status for transition in self.snapshot.transitions] if self.snapshot else []

    @property
    def ending(self) -> str:
        """The outcome, or else the error, or else the current step."""
        return self.outcome.value if self.outcome else self.error or self.step

    @property
    def style(self) -> str:
        """The colour of the order: green as expected, yellow while it runs, red otherwise."""
        if self.outcome is None:
            return "red" if self.error else "yellow"
        return "green" if self.outcome is self.piece.ends else "red"

    def pay(self, deposit: dict[str, Any], now: float) -> None:
        """Keep the proof of the deposit, and when it was paid."""
        self.proof = DepositProof.model_validate(deposit)
        self.paid_at = now

    def record(self, snapshot: Snapshot, now: float) -> None:
        """Keep the snapshot, and the time at which the deposit or its order first appears in one."""
        self.snapshot = snapshot
        if self.paid_at is None:
            return
        elapsed = round(now - self.paid_at, 2)
        if snapshot.deposits and self.seen_after is None:
            self.seen_after = elapsed
        submitted = any(deposit.submitted for deposit in snapshot.deposits)
        if submitted and snapshot.order_id and self.submitted_after is None:
            self.submitted_after = elapsed

    def line(self) -> dict[str, Any]:
        """Return the order's fields for the final table and for JSON."""
        return {
            "reference": self.reference,
            "source": self.piece.name,
            "route": self.piece.route,
            "quote_id": self.snapshot.quote_id if self.snapshot else None,
            "order_id": self.snapshot.order_id if self.snapshot else None,
            "proof": self.proof.wire() if self.proof else None,
            "reported_by": self.piece.noticed_by.value,
            "statuses": self.statuses,
            "outcome": self.outcome.value if self.outcome else None,
            "expected": self.piece.ends.value,
            "seconds": round(self.seconds, 2),
            "deposit_to_seen": self.seen_after,
            "deposit_to_submitted": self.submitted_after,
            "error": self.error,
        }


def json_line(order: Progress, ui_url: str | None) -> str:
    """Return the order as one JSON line."""
    return json.dumps({**order.line(), "temporal_ui": ui_url})


def live_table(orders: list[Progress]) -> Table:
    """Return the table of running orders."""
    table = Table("order", "route", "phase", "statuses", "waiting for", title="Orders", title_justify="left")
    for order in orders:
        waiting = order.snapshot.waiting_for if order.snapshot else None
        table.add_row(
            order.reference,
            order.piece.route,
            order.snapshot.phase.value if order.snapshot else order.step,
            " → ".join(order.statuses),
            f"{waiting.what} ({waiting.who})" if waiting else order.ending,
            style=order.style,
        )
    return table


def final_table(orders: list[Progress]) -> Table:
    """Return the table of results, narrow enough for a terminal of 100 columns."""
    table = Table(title="How it ended", title_justify="left", show_lines=True)
    table.add_column("reference\nroute", overflow="fold")
    table.add_column("quote id\norder id\nproof", overflow="fold")
    table.add_column("statuses seen", no_wrap=True)
    table.add_column("outcome\nseconds", justify="right", overflow="fold")
    for order in orders:
        line = order.line()
        proof = order.proof.key if order.proof else "-"
        table.add_row(
            f"{order.reference}\n{order.piece.route}",
            f"{line['quote_id'] or '-'}\n{line['order_id'] or '-'}\n{proof}",
            "\n".join(order.statuses),
            f"{order.ending}\n{order.seconds:.1f}",
            style=order.style,
        )
    return table


def payments_table(orders: list[Progress]) -> Table:
    """Return the table of payments on real chains, with how fast Baton saw and submitted each."""
    table = Table(title="Paid on the chains, reported by nobody", title_justify="left", show_lines=True)
    table.add_column("chain")
    table.add_column("transaction", overflow="fold")
    table.add_column("seen by Baton", justify="right")
    table.add_column("order made", justify="right")
    for order in orders:
        proof = order.proof.key if order.proof else "-"
        chain = str(order.piece.document["sourceChain"])
        table.add_row(chain, proof, _after(order.seen_after), _after(order.submitted_after))
    return table


def _after(seconds: float | None) -> str:
    return "never" if seconds is None else f"after {seconds:.1f} s"
