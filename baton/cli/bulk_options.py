"""The options of acts in bulk: the filters that choose the orders, and how the act is done."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baton.cli.answers import AnyAccount
from baton.cli.errors import USAGE, CommandFailed
from baton.cli.options import AsJson, OutcomeFilter, PhaseFilter

if TYPE_CHECKING:
    from baton.bulk.choice import OrderChoice


BulkOptions = dict[str, Any]
"""The values of the shared options, by the names of their parameters."""


def _filter(name: str, metavar: str, help: str) -> Any:
    return typer.Option(name, metavar=metavar, help=help, show_default=False)


CHOICE: dict[str, tuple[Any, Any]] = {
    "references": (
        Annotated[list[str] | None, _filter("--reference", "REF", "Only the order with this reference; repeatable.")],
        None,
    ),
    "attention": (
        Annotated[
            bool | None,
            typer.Option("--attention/--no-attention", help="Only orders that need attention, or only the others."),
        ],
        None,
    ),
    "for_reason": (
        Annotated[str | None, _filter("--for-reason", "REASON", "Only orders that need attention for this reason.")],
        None,
    ),
    "phase": (PhaseFilter, None),
    "status": (Annotated[str | None, _filter("--status", "STATUS", "Only orders in this status of Orchestra.")], None),
    "with_outcome": (OutcomeFilter, None),
    "route": (
        Annotated[
            str | None,
            _filter("--route", "ROUTE", "Only orders of this route: base:USDC>spark:BTC; each part may be left out."),
        ],
        None,
    ),
    "source": (
        Annotated[str | None, _filter("--source", "REF", "Only orders that came of this address or pay link.")],
        None,
    ),
    "payer": (Annotated[str | None, _filter("--payer", "ID", "Only orders of this payer.")], None),
    "metadata": (
        Annotated[
            list[str] | None,
            _filter("--metadata", "NAME=VALUE", "Only orders with this entry of the metadata; repeatable."),
        ],
        None,
    ),
    "created_from": (
        Annotated[datetime | None, _filter("--created-from", "TIME", "Only orders placed at this UTC time or later.")],
        None,
    ),
    "created_before": (
        Annotated[datetime | None, _filter("--created-before", "TIME", "Only orders placed before this time in UTC.")],
        None,
    ),
    "account": (AnyAccount, None),
}
"""The filters by the name of the parameter, each with its option and its default."""

DOING: dict[str, tuple[Any, Any]] = {
    "dry_run": (Annotated[bool, typer.Option("--dry-run", help="Only list the orders; do nothing to them.")], False),
    "yes": (Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")], False),
    "rate": (
        Annotated[
            float, typer.Option("--rate", metavar="N", min=0.01, max=200, help="How many orders to touch in a second.")
        ],
        10.0,
    ),
    "csv": (
        Annotated[Path | None, _filter("--csv", "FILE", "Write the result of each order as a table; - is stdout.")],
        None,
    ),
    "as_json": (AsJson, False),
}
"""How the act is done."""


def acting_in_bulk(act: Callable[..., int]) -> Callable[..., int]:
    """Return a command that takes the filters and the other options of bulks beside its own.

    Its function gets its own arguments by name, and all others as `options`.
    """
    own = [parameter for name, parameter in inspect.signature(act).parameters.items() if name != "options"]
    shared = CHOICE | DOING

    def command(**given: Any) -> int:
        options = {name: given.pop(name) for name in shared}
        return act(**given, options=options)

    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in shared.items()
    ]
    mine = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    command.__signature__ = inspect.Signature([*mine, *added], return_annotation=int)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in [*mine, *added]} | {"return": int}
    command.__name__, command.__doc__ = act.__name__, act.__doc__
    return command


def choice_of(options: BulkOptions) -> "OrderChoice":
    """Return the orders that the options choose.

    Raises:
        CommandFailed: One of them cannot be used.
    """
    from pydantic import ValidationError

    from baton.bulk.choice import OrderChoice
    from baton.cli.pairs import pairs_of

    same = {name: options[name] for name in ("phase", "status", "attention", "route", "source", "payer")}
    try:
        return OrderChoice(
            **same,
            accounts=[options["account"]] if options["account"] else None,
            references=options["references"] or [],
            reason=options["for_reason"],
            outcome=options["with_outcome"],
            metadata=pairs_of("--metadata", options["metadata"], "=") if options["metadata"] else {},
            created_from=_in_utc(options["created_from"]),
            created_before=_in_utc(options["created_before"]),
        )
    except ValidationError as error:
        fault = error.errors()[0]
        raise CommandFailed(USAGE, "invalid_argument", f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None


def _in_utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=at.tzinfo or UTC) if at else None
