"""The sandbox as a process: start, serve until a stop signal, shut down cleanly."""

import asyncio
import socket
from contextlib import closing

from baton.local.nodes.book import NodeFileError
from baton.local.nodes.local_node import NodeMissing
from baton.local.sandbox.engine.memory import StateFileError
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.options import Options
from baton.local.sandbox.scenarios.book import ScenarioError
from baton.local.sandbox.server import listen, serving
from baton.process.http_server import CannotListen, address_of
from baton.process.lifecycle import EXIT_DONE, EXIT_UNREACHABLE, EXIT_USAGE, ReadyFile, stop_requested
from baton.process.logs import configure_logs, get_logger

NOTICE = "a local Orchestra: no real money moves"

_log = get_logger(__name__)


async def main(host: str, port: int, options: Options, *, log_format: str, log_level: str) -> int:
    """Run the sandbox process until SIGTERM or SIGINT; return the exit code."""
    configure_logs("sandbox", style=log_format, level=log_level)
    ReadyFile.remove_old()
    return await serve(host, port, options, stop_requested())


async def serve(host: str, port: int, options: Options, stop: asyncio.Event) -> int:
    """Serve a sandbox until `stop` is set; return the exit code.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 picks a free one.
        options: The sandbox's options.
        stop: Ends the sandbox once it is set.
    """
    try:
        with closing(listen(host, port)) as listener:
            await _run(listener, options, stop)
    except (ScenarioError, NodeFileError, NodeMissing, StateFileError) as error:
        _log.error(str(error))
        return EXIT_USAGE
    except CannotListen as error:
        _log.error(str(error))
        return EXIT_UNREACHABLE
    return EXIT_DONE


async def _run(listener: socket.socket, options: Options, stop: asyncio.Event) -> None:
    world = SandboxWorld(options)
    async with serving(world, listener):
        with ReadyFile():
            _log.info(NOTICE)
            _log.info(
                "sandbox is up",
                address=address_of(listener),
                scenario=world.scenarios.default.name,
                settles=world.real_deposits.chains,
                state=str(options.state_file or "in memory: lost when this process ends"),
                webhooks=options.webhook_url or "none registered yet",
            )
            await stop.wait()
        _log.info("sandbox stops")
