"""How a command asks Baton one thing and shows the answer, and the options of commands about addresses and links."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from baton.cli.errors import DONE
from baton.cli.output import print_json, print_note, print_table, print_text
from baton.cli.session import join_stack, open_client

if TYPE_CHECKING:
    from pydantic import BaseModel

    from baton.client import BatonClient
    from baton.orders.visibility import OrderLine
    from baton.sources.answers import SourceSnapshot
    from baton.sources.visibility import SourceLine

T = TypeVar("T")

AnyAccount = Annotated[
    str | None,
    typer.Option("--account", metavar="NAME", envvar="BATON_ACCOUNT", help="Only this account's; default: all."),
]
InPhase = Annotated[
    Literal["creating", "enabled", "disabled", "refused"] | None,
    typer.Option(
        "--phase",
        metavar="PHASE",
        help="Only those in this phase: creating, enabled, disabled or refused.",
        show_default=False,
    ),
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many to list at most.")]
DisableReason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why, for the record; at most 500 characters.")
]
ResolveNote = Annotated[
    str, typer.Option("--note", metavar="TEXT", help="What you found and did, for the record.", show_default=False)
]
ResolvedReason = Annotated[
    str | None,
    typer.Option(
        "--reason",
        metavar="REASON",
        help="The attention that is resolved; needed only if there are several.",
        show_default=False,
    ),
]
NewLabel = Annotated[
    str | None,
    typer.Option(
        "--label", metavar="TEXT", help="The new label; Orchestra keeps that of the creation.", show_default=False
    ),
]
NewMetadata = Annotated[
    list[str] | None,
    typer.Option(
        "--metadata",
        metavar="NAME=VALUE",
        help="What each later order carries, instead of what it was; repeatable, at most 20.",
        show_default=False,
    ),
]
NewPolicy = Annotated[
    str | None,
    typer.Option(
        "--policy",
        metavar="FILE",
        help="The whole policy of later orders, in JSON as in the document of the creation; - for stdin.",
        show_default=False,
    ),
]


def ask(patience: float, question: "Callable[[BatonClient], Awaitable[T]]", show: Callable[[T], None]) -> int:
    """Ask Baton one thing and show the answer.

    Args:
        patience: Seconds that connecting and the answer may take.
        question: Asks the client.
        show: Prints the answer.
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        show(await question(client))
        return DONE

    join_stack()
    return run_main(main())


def print_source(source: "SourceSnapshot", *, as_json: bool) -> None:
    """Print an address or a link as it stands."""
    from baton.cli.views.source import source_view

    if as_json:
        print_json(source.model_dump(mode="json"))
    else:
        print_text(source_view(source, datetime.now(UTC)))


def print_sources(lines: "Sequence[SourceLine]", none: str, *, as_json: bool) -> None:
    """Print a list of addresses or links; `none` says that there are none."""
    from baton.cli.views.source import sources_table

    _print_lines(lines, lambda: sources_table(lines), none, as_json=as_json)


def print_orders(lines: "Sequence[OrderLine]", none: str, *, as_json: bool) -> None:
    """Print a list of orders; `none` says that there are none."""
    from baton.cli.views.order_list import orders_table

    _print_lines(lines, lambda: orders_table(lines, datetime.now(UTC)), none, as_json=as_json)


def changes_of(metadata: list[str] | None, policy: str | None) -> dict[str, Any]:
    """Return the metadata and the policy that the options of an update give.

    Raises:
        CommandFailed: An entry has no `=`, or the file cannot be read.
    """
    from baton.cli.order_document import read_object
    from baton.cli.pairs import pairs_of

    return {
        "metadata": pairs_of("--metadata", metadata, "=") if metadata else None,
        "policy": read_object(policy, "a policy") if policy else None,
    }


def _print_lines(lines: "Sequence[BaseModel]", table: Callable[[], Any], none: str, *, as_json: bool) -> None:
    for line in lines if as_json else []:
        print_json(line.model_dump(mode="json"))
    if not as_json and lines:
        print_table(table())
    elif not as_json:
        print_note(none)
