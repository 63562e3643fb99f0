"""The commands that run processes: worker, gateway, sandbox, local stack and demo."""

import gc
import os
import sys
from typing import Annotated

import typer

from baton.cli.errors import command
from baton.cli.options import AsJson
from baton.cli.session import join_stack

LogAsJson = Annotated[
    bool, typer.Option("--json", help="Write the log as one JSON object a line, like BATON_LOG_FORMAT=json.")
]


@command
def worker(
    only: Annotated[
        str | None,
        typer.Option(
            "--only",
            metavar="KINDS",
            help="Serve only these kinds of task queues: workflows, partner, polls, watch, notify, with commas.",
            show_default="all",
        ),
    ] = None,
    as_json: LogAsJson = False,
) -> int:
    """Run the worker: workflows and activities on its task queues, until SIGTERM or Ctrl-C.

    [dim]TEMPORAL_ADDRESS=temporal:7233 ORCHESTRA_API_KEY=... baton worker[/dim]
    [dim]BATON_ACCOUNTS=shop baton worker --only partner,polls[/dim]
    """
    from baton.process.service import worker_program

    program = str(worker_program())
    _log_as_json(as_json)
    if only is not None:
        os.environ["BATON_ONLY"] = only
    join_stack()
    os.execv(sys.executable, [sys.executable, program])  # noqa: S606 our own program


def _log_as_json(as_json: bool) -> None:
    if as_json:
        os.environ["BATON_LOG_FORMAT"] = "json"


@command
def gateway(as_json: LogAsJson = False) -> int:
    """Run the gateway, which receives webhooks at /webhooks/orchestra/ACCOUNT, until SIGTERM or Ctrl-C.

    [dim]ORCHESTRA_WEBHOOK_SECRET=... BATON_GATEWAY_PORT=8080 baton gateway[/dim]
    """
    gc.disable()  # nothing that the next import makes is garbage; `run_main` turns it on again
    from baton.gateway.main import main
    from baton.process.lifecycle import run_main

    _log_as_json(as_json)
    return run_main(main(join_stack()))


def sandbox(context: typer.Context) -> None:
    """Run a local Orchestra that moves no money, or pay and steer one; see [bold]baton sandbox --help[/bold].

    [dim]baton sandbox --port 8090 --scenario refunded[/dim]
    [dim]baton sandbox pay invoice-42[/dim]
    """
    from typer.main import get_command

    from baton.cli.commands.sandbox import app

    # Mounted as a sub-command, it would be imported for every help text.
    code = get_command(app).main(args=context.args, prog_name="baton sandbox", standalone_mode=False)
    raise typer.Exit(code if isinstance(code, int) else 0)


@command
def up(as_json: AsJson = False) -> int:
    """Run the whole local stack until Ctrl-C: Temporal, sandbox, worker, gateway. Open orders survive a restart.

    If TEMPORAL_ADDRESS or ORCHESTRA_BASE_URL is set, that server is used instead of a local one.

    [dim]baton up[/dim]
    """
    from baton.local.stack.up import run_up
    from baton.process.lifecycle import run_main
    from baton.process.native_logs import forward_native_logs
    from baton.settings import load_settings

    forward_native_logs()
    return run_main(run_up(load_settings(), as_json=as_json))


@command
def demo(
    as_json: AsJson = False,
    on_chains: Annotated[
        bool, typer.Option("--chains", help="Pay on real local chain nodes that Baton watches.")
    ] = False,
    crash: Annotated[
        bool,
        typer.Option("--crash", help="Kill worker, gateway and Temporal while orders run; exit 1 if one is lost."),
    ] = False,
) -> int:
    """Run an order from each kind of source end to end on a throw-away stack; exits 0 only if each ends as it should.

    With --chains, deposits are real transactions on those of anvil, Surfnet and bitcoind that are installed. With
    --crash, parts of the stack are killed with SIGKILL, and the sandbox's books are compared with Baton's rows at the
    end.

    [dim]baton demo --json[/dim]
    """
    from baton.local.stack.demo import run_demo
    from baton.process.lifecycle import run_main
    from baton.process.native_logs import forward_native_logs
    from baton.settings import load_settings

    forward_native_logs()
    return run_main(run_demo(load_settings(), as_json=as_json, on_chains=on_chains, crash=crash))
