"""Options and arguments that several commands share. Light on purpose: the help must not wait for the Temporal SDK."""

from typing import Annotated, Literal

import typer

PhaseName = Literal["quoting", "awaiting_deposit", "submitting", "tracking", "closed"]
OutcomeName = Literal["completed", "refunded", "failed", "expired", "unfulfilled", "cancelled", "superseded"]

PhaseFilter = Annotated[
    PhaseName | None,
    typer.Option(
        "--phase",
        metavar="PHASE",
        help="Only orders in this phase: quoting, awaiting_deposit, submitting, tracking or closed.",
        show_default=False,
    ),
]
OutcomeFilter = Annotated[
    OutcomeName | None,
    typer.Option(
        "--outcome",
        metavar="OUTCOME",
        help="Only orders with this outcome: completed, refunded, failed, expired, unfulfilled, cancelled or"
        " superseded.",
        show_default=False,
    ),
]
Reference = Annotated[str, typer.Argument(metavar="REF", help="The order's reference.", show_default=False)]
Account = Annotated[
    str,
    typer.Option(
        "--account",
        metavar="NAME",
        envvar="BATON_ACCOUNT",
        help="Partner account of the order.",
    ),
]
Why = Annotated[
    str | None, typer.Option("--note", metavar="TEXT", help="Why, for the record of acts.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]
Patience = Annotated[
    float,
    typer.Option(
        "--patience",
        metavar="SECONDS",
        min=0.1,
        max=3600,
        help="How long to wait for a worker's answer. A request that timed out can still take effect.",
    ),
]

Despite = Annotated[
    list[str] | None,
    typer.Option(
        "--despite",
        metavar="ID",
        help="Money under way that you know of: an Orchestra order or a deposit's transaction, as the refusal names"
        " it; repeatable.",
        show_default=False,
    ),
]
