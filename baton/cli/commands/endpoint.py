"""`baton endpoint`: where events are sent to."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.notifying import BY_COMMAND, NotifyingParts, notifying_parts
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_note, print_table, print_text
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from baton.notifications.admin import EndpointLine

T = TypeVar("T")

app = typer.Typer(help="Endpoints of the business's apps, which are notified of events.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The endpoint's name.", show_default=False)]
Url = Annotated[str, typer.Argument(metavar="URL", help="Where events are posted to.", show_default=False)]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="TYPE", help="Type of events that it wants; repeatable.", show_default="all"),
]
Accounts = Annotated[
    list[str] | None,
    typer.Option("--account", metavar="NAME", help="Partner account of its events; repeatable.", show_default="all"),
]


def run(work: Callable[[NotifyingParts], Awaitable[T]]) -> T:
    """Run what a command does with the parts that it needs."""
    from baton.process.lifecycle import run_main

    done: list[T] = []

    async def within() -> int:
        async with notifying_parts(settings) as parts:
            done.append(await work(parts))
        return DONE

    settings = join_stack()
    if (code := run_main(within())) != DONE:
        raise typer.Exit(code)
    return done[0]


@app.command("list")
@command
def list_endpoints(as_json: AsJson = False) -> int:
    """List the endpoints with their health; exits 1 if one is disabled or failing.

    [dim]baton endpoint list[/dim]
    """
    from baton.cli.views.endpoint import endpoints_table

    lines = run(lambda parts: parts.admin.list())
    if as_json:
        print_json({"endpoints": [line.model_dump(mode="json") for line in lines]})
    elif lines:
        print_table(endpoints_table(lines))
    else:
        print_note("There is no endpoint; `baton endpoint create NAME URL` makes one.")
    return DONE if all(line.enabled and line.failing_since is None for line in lines) else REFUSED


@app.command("show")
@command
def show(name: Name, as_json: AsJson = False) -> int:
    """Show an endpoint with its health.

    [dim]baton endpoint show shop[/dim]
    """
    _print(run(lambda parts: parts.admin.show(name)), as_json=as_json)
    return DONE


@app.command("create")
@command
def create(name: Name, url: Url, types: Types = None, accounts: Accounts = None, as_json: AsJson = False) -> int:
    """Make an endpoint and print its secret, which is shown only here. It gets the events from now on.

    [dim]baton endpoint create shop https://shop.example.com/events --type 'order.*'[/dim]
    """
    secret = run(lambda parts: parts.admin.create(name, url, BY_COMMAND, types or (), accounts or ()))
    return _print_secret(name, secret, as_json=as_json)


@app.command("update")
@command
def update(
    name: Name,
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="Where events are posted to.")] = None,
    types: Types = None,
    accounts: Accounts = None,
    as_json: AsJson = False,
) -> int:
    """Change an endpoint; what is not given stays.

    [dim]baton endpoint update shop --url https://shop.example.com/v2/events[/dim]
    """

    async def change(parts: NotifyingParts) -> "EndpointLine":
        await parts.admin.update(name, BY_COMMAND, url=url, events=types, accounts=accounts)
        return await parts.admin.show(name)

    _print(run(change), as_json=as_json)
    return DONE


@app.command("rotate")
@command
def rotate(
    name: Name,
    overlap: Annotated[
        float, typer.Option("--overlap", metavar="HOURS", min=0, max=720, help="How long the old secret signs, too.")
    ] = 24,
    as_json: AsJson = False,
) -> int:
    """Give an endpoint a new secret and print it.

    [dim]baton endpoint rotate shop --overlap 48[/dim]
    """
    secret = run(lambda parts: parts.admin.rotate(name, BY_COMMAND, timedelta(hours=overlap)))
    return _print_secret(name, secret, as_json=as_json)


@app.command("remove")
@command
def remove(name: Name, as_json: AsJson = False) -> int:
    """Delete an endpoint; what it has not got is not sent any more.

    [dim]baton endpoint remove shop[/dim]
    """
    run(lambda parts: parts.admin.remove(name))
    print_json({"removed": name}) if as_json else print_text(f"the endpoint {name} is deleted")
    return DONE


@app.command("disable")
@command
def disable(name: Name, as_json: AsJson = False) -> int:
    """Stop notifying an endpoint; what happens meanwhile waits for it.

    [dim]baton endpoint disable shop[/dim]
    """

    async def change(parts: NotifyingParts) -> "EndpointLine":
        await parts.admin.disable(name, BY_COMMAND)
        return await parts.admin.show(name)

    _print(run(change), as_json=as_json)
    return DONE


@app.command("enable")
@command
def enable(name: Name, as_json: AsJson = False) -> int:
    """Notify an endpoint again, first of all that it missed.

    [dim]baton endpoint enable shop[/dim]
    """

    async def change(parts: NotifyingParts) -> "EndpointLine":
        await parts.admin.enable(name, BY_COMMAND)
        return await parts.admin.show(name)

    _print(run(change), as_json=as_json)
    return DONE


@app.command("test")
@command
def send_test(name: Name, as_json: AsJson = False) -> int:
    """Send an endpoint an event of the type endpoint.test at once; exits 1 if it did not accept it.

    [dim]baton endpoint test shop[/dim]
    """
    result = run(lambda parts: parts.admin.test(name))
    answer = f"HTTP {result.status_code}" if result.status_code else result.detail or "no response"
    if as_json:
        found = {"delivered": result.delivered, "status_code": result.status_code, "detail": result.detail}
        print_json({**found, "milliseconds": result.milliseconds})
    else:
        print_text(f"{'accepted' if result.delivered else 'not accepted'}: {answer} in {result.milliseconds} ms")
    return DONE if result.delivered else REFUSED


@app.command("secret")
@command
def secret(as_json: AsJson = False) -> int:
    """Print a new secret for an endpoint of BATON_ENDPOINTS_FILE; nothing is changed.

    [dim]baton endpoint secret > shop.secret[/dim]
    """
    from baton.notifications.signing import new_secret

    made = new_secret()
    print_json({"secret": made}) if as_json else print_text(made)
    return DONE


def _print(line: "EndpointLine", *, as_json: bool) -> None:
    from baton.cli.views.endpoint import endpoints_table

    if as_json:
        print_json(line.model_dump(mode="json"))
    else:
        print_table(endpoints_table([line]))


def _print_secret(name: str, secret: str, *, as_json: bool) -> int:
    if as_json:
        print_json({"name": name, "secret": secret})
    else:
        print_text(secret)
        print_note("This is the only time that it is shown; it verifies the notifications.")
    return DONE
