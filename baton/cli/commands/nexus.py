"""`baton nexus`: the endpoint by which workflows of other Temporal namespaces reach Baton."""

from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, CommandFailed, command
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_text
from baton.cli.session import join_stack

app = typer.Typer(help="Let workflows of other Temporal namespaces place orders.")


@app.command("endpoint")
@command
def endpoint(
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="The endpoint's name, unique in the Temporal server.")
    ] = "baton",
    replace: Annotated[
        bool, typer.Option("--replace", help="Turn an endpoint that leads elsewhere to this namespace.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Create the Nexus endpoint that leads to Baton's worker; exits 1 if one of that name leads elsewhere.

    `baton up` and the compose file create it themselves; running this again changes nothing.

    [dim]baton nexus endpoint[/dim]
    """
    from baton.process.lifecycle import run_main

    join_stack()
    return run_main(_endpoint(name, replace=replace, as_json=as_json))


async def _endpoint(name: str, *, replace: bool, as_json: bool) -> int:
    from baton.nexus.endpoint import EndpointTaken, ensure_endpoint
    from baton.orders.names import WORKFLOW_QUEUE
    from baton.temporal import connect

    client = await connect()
    try:
        changed = await ensure_endpoint(client, name, replace=replace)
    except EndpointTaken as error:
        remedy = "choose another --name, or turn it here with --replace"
        raise CommandFailed(REFUSED, "endpoint_taken", f"{error}; {remedy}") from None
    if as_json:
        where = {"endpoint": name, "namespace": client.namespace, "task_queue": WORKFLOW_QUEUE}
        print_json({**where, "changed": changed})
    else:
        done = "leads now" if changed else "leads already"
        print_text(f"The Nexus endpoint {name} {done} to namespace {client.namespace}.")
    return DONE
