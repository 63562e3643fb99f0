"""`baton doctor`: examines the installation."""

from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.local_gateway import local_gateway
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_text
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from baton.health.findings import CheckFinding
    from baton.settings import Settings


@command
def doctor(
    gateway: Annotated[
        str | None,
        typer.Option(
            "--gateway", metavar="URL", help="Gateway to examine; default: the one on this machine.", show_default=False
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for a warning too.")] = False,
    as_json: AsJson = False,
) -> int:
    """Examine the installation: what is wrong, what that means for orders, and what mends it.

    Looks at the settings, Temporal, the workers, the ledger, the gateway, Orchestra and the chains' providers, and
    changes nothing but that the gateway records a signed test delivery. With --json each finding is one line. Exits 1
    if there is a problem.

    [dim]baton doctor[/dim]
    """
    from baton.process.lifecycle import run_main

    settings = join_stack()
    return run_main(
        _examine(settings, (gateway or local_gateway(settings)).rstrip("/"), strict=strict, as_json=as_json)
    )


async def _examine(settings: "Settings", gateway_url: str, *, strict: bool, as_json: bool) -> int:
    from baton.cli.views.doctor import finding_view, summary_view
    from baton.doctor.examination import examine
    from baton.health.findings import Level
    from baton.process.native_logs import forward_native_logs

    forward_native_logs()
    findings: list[CheckFinding] = []
    async for finding in examine(settings, gateway_url):
        findings.append(finding)
        if as_json:
            print_json(finding.model_dump(mode="json"))
        else:
            print_text(finding_view(finding))
    if not as_json:
        print_text(summary_view(findings))
    failing = {Level.PROBLEM, Level.WARNING} if strict else {Level.PROBLEM}
    return REFUSED if any(finding.level in failing for finding in findings) else DONE
