"""`baton listen`: relays events to an app on this machine."""

from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, USAGE, CommandFailed, command
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_note, print_text
from baton.cli.session import join_stack
from baton.cli.views.values import clean

if TYPE_CHECKING:
    from baton.notifications.relay import FeedRelay, Relayed


@command
def listen(
    forward_to: Annotated[
        str | None,
        typer.Option("--forward-to", metavar="URL", help="Where events are posted to.", show_default="only printed"),
    ] = None,
    gateway: Annotated[
        str | None, typer.Option("--gateway", metavar="URL", help="The gateway.", show_default="that of this machine")
    ] = None,
    token: Annotated[
        str, typer.Option("--token", envvar="BATON_API_TOKEN", metavar="TOKEN", help="A token with the verb read.")
    ] = "",
    after: Annotated[
        str, typer.Option("--after", metavar="CURSOR", help="A cursor of the feed to begin after.")
    ] = "latest",
    types: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only events of this type; repeatable.", show_default="all"),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="NAME", help="Only of this partner account.", show_default="all"),
    ] = None,
    secret: Annotated[
        str | None,
        typer.Option("--secret", metavar="WHSEC", help="What signs the events.", show_default="a new one, printed"),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Relay events to an app on this machine, signed as notifications are; ends with Ctrl-C.

    An event that the app does not accept is not sent again.

    [dim]baton listen --forward-to http://localhost:3000/events[/dim]
    """
    from baton.notifications.relay import FeedRelay
    from baton.notifications.signing import SecretMalformed, key_of, new_secret
    from baton.process.lifecycle import run_main

    settings = join_stack()
    if not token:
        message = "--token: give a token, or set BATON_API_TOKEN; `baton token new NAME` makes one"
        raise CommandFailed(USAGE, "token_missing", message)
    signing = secret or new_secret()
    try:
        key_of(signing)
    except SecretMalformed as error:
        raise CommandFailed(USAGE, "invalid_secret", f"--secret: {error}") from None
    if forward_to and secret is None:
        print_note(f"The secret that verifies these events is {signing}")
    filters = {"type": types or [], "account": [account] if account else []}
    where = gateway or f"http://127.0.0.1:{settings.gateway_port}"
    relay = FeedRelay(where, token, forward_to, signing, {name: each for name, each in filters.items() if each})
    return run_main(_relay(relay, after, as_json=as_json))


async def _relay(relay: "FeedRelay", after: str, *, as_json: bool) -> int:
    async for relayed in relay.run(after):
        if as_json:
            print_json({"event": relayed.event, "answer": relayed.answer})
        else:
            print_text(_line(relayed))
    return DONE


def _line(relayed: "Relayed") -> str:
    event = relayed.event
    return clean(f"{event['occurred_at']}  {event['type']}  {event['reference']}  {relayed.answer}")
