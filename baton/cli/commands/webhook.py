"""`baton webhook`: the endpoints at Orchestra that lead to this gateway, and their secrets."""

import asyncio
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from baton.cli.errors import DONE, REFUSED, UNREACHABLE, USAGE, CommandFailed, command
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_note, print_table, print_text
from baton.cli.partner import Partner, find_account, open_partner
from baton.cli.session import join_stack
from baton.cli.webhook_secrets import SecretStore, find_store

if TYPE_CHECKING:
    from baton.cli.webhook_trial import TriedDelivery
    from baton.orchestra.calls.webhooks import CreatedWebhook
    from baton.orchestra.client import OrchestraClient

TRIES = 3
"""How often a registration is asked for, under one key, while its outcome is unknown."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

app = typer.Typer(help="Manage the webhook endpoints at Orchestra, their secrets, and whether deliveries get in.")

Url = Annotated[
    str,
    typer.Option(
        "--url",
        metavar="https://...",
        help="Where Orchestra reaches the gateway; a bare host gets the account's path.",
        show_default=False,
    ),
]
TestUrl = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="Gateway to test; that of this machine if left out.", show_default=False),
]
EnvFile = Annotated[
    Path | None,
    typer.Option(
        "--env-file",
        metavar="PATH",
        help="Where to write ORCHESTRA_WEBHOOK_SECRET; .env, which Baton reads, if left out.",
        show_default=False,
    ),
]
Replace = Annotated[bool, typer.Option("--replace", help="Drop the older secrets instead of keeping them valid too.")]
ShowSecret = Annotated[bool, typer.Option("--show-secret", help="Show the secret with --json too.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
WebhookId = Annotated[str, typer.Argument(metavar="ID", help="The endpoint's id.", show_default=False)]


@app.command("register")
@command
def register(
    url: Url,
    env_file: EnvFile = None,
    replace: Replace = False,
    show_secret: ShowSecret = False,
    account: Partner = "default",
    as_json: AsJson = False,
) -> int:
    """Register an endpoint and write its secret where the settings read it, beside the ones in force.

    [dim]baton webhook register --url https://baton.example.com[/dim]
    """
    from baton.process.lifecycle import run_main

    settings = join_stack()
    partner = find_account(settings, account)
    address = endpoint_url(url, account)
    store = find_store(settings, partner, env_file)

    async def main() -> int:
        async with open_partner(partner) as client:
            created = await _create(client, address)
        kept = () if replace else store.held
        failure = _save(store, [created.secret, *(secret for secret in kept if secret != created.secret)])
        show = show_secret or not as_json or failure is not None
        document: dict[str, object] = {
            "account": account,
            "webhook_id": created.webhook_id,
            "url": address,
            "saved_in": None if failure else str(store.place),
            "secrets": None if failure else 1 + len(kept),
            "restart_gateway": not store.followed,
            **({"secret": created.secret} if show else {}),
            **({"error": {"code": "secret_not_saved", "message": failure}} if failure else {}),
        }
        _tell_registered(document, store, failure, as_json=as_json)
        return REFUSED if failure else DONE

    return run_main(main())


def endpoint_url(url: str, account: str) -> str:
    """Return the endpoint's URL, with the account's path where it names none.

    Raises:
        CommandFailed: It is no absolute URL, or webhooks to it could be read on their way.
    """
    from baton.cli.webhook_trial import webhook_path

    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise CommandFailed(USAGE, "invalid_url", f"--url {url}: write a URL such as https://baton.example.com")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise CommandFailed(
            USAGE, "invalid_url", f"--url {url}: use https, for webhooks tell of your customers' orders"
        )
    path = parts.path if parts.path.strip("/") else webhook_path(account)
    return parts._replace(path=path).geturl()


async def _create(client: "OrchestraClient", url: str) -> "CreatedWebhook":
    from baton.orchestra.errors import OrchestraError, Retry

    key = f"webhook:create:{uuid.uuid4()}"
    for left in reversed(range(TRIES)):
        try:
            return await client.create_webhook(url, key)
        except OrchestraError as error:
            if error.retry is not Retry.SAME_KEY:
                raise
            if not left:
                break
            await asyncio.sleep(min(error.retry_after or 1.0, 10.0))
    unknown = "whether the endpoint exists is unknown and its secret is lost"
    remedy = "`baton webhook list` tells; remove it there and register again"
    raise CommandFailed(UNREACHABLE, "no_answer", f"Orchestra did not answer: {unknown}; {remedy}")


def _save(store: SecretStore, secrets: list[str]) -> str | None:
    """Write the secrets; return what to do where that failed."""
    try:
        store.save(secrets)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        told = f"the endpoint is registered, but its secret could not be written to {store.place}: {why}"
        return f"{told}; add it there or to ORCHESTRA_WEBHOOK_SECRET by hand, it is shown this once"
    return None


def _tell_registered(document: dict[str, object], store: SecretStore, failure: str | None, *, as_json: bool) -> None:
    from baton.cli.views.webhook_view import registered_view

    if as_json:
        print_json(document)
        return
    print_text(registered_view(document))
    if failure:
        raise CommandFailed(REFUSED, "secret_not_saved", failure)
    if store.caution:
        print_note(store.caution)


@app.command("list")
@command
def list_webhooks(account: Partner = "default", as_json: AsJson = False) -> int:
    """List the endpoints that are registered at Orchestra; with --json each is one line.

    [dim]baton webhook list[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        from baton.cli.views.webhook_view import endpoints_table

        async with open_partner(find_account(join_stack(), account)) as client:
            found = await client.webhooks()
        for endpoint in found if as_json else []:
            print_json(endpoint.model_dump(mode="json"))
        if not as_json and found:
            print_table(endpoints_table(found))
        elif not as_json:
            print_note("no endpoint is registered; `baton webhook register --help` tells how")
        return DONE

    return run_main(main())


@app.command("remove")
@command
def remove(webhook_id: WebhookId, yes: Yes = False, account: Partner = "default", as_json: AsJson = False) -> int:
    """Disable an endpoint, so that Orchestra sends nothing there any more; its secret stays in the settings.

    [dim]baton webhook remove wh_1f2e3d --yes[/dim]
    """
    from baton.process.lifecycle import run_main

    partner = find_account(join_stack(), account)
    if not yes and not _confirmed(f"Stop webhooks to endpoint {webhook_id} of account {account}?"):
        print_note("nothing was removed")
        return REFUSED

    async def main() -> int:
        async with open_partner(partner) as client:
            try:
                await client.delete_webhook(webhook_id, f"webhook:delete:{webhook_id}")
            except ValueError as error:
                raise CommandFailed(USAGE, "invalid_id", str(error)) from None
        if as_json:
            print_json({"account": account, "webhook_id": webhook_id, "removed": True})
        else:
            print_text(f"{webhook_id} is disabled")
        return DONE

    return run_main(main())


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise CommandFailed(USAGE, "unconfirmed", "nobody can be asked here; give --yes")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


@app.command("test")
@command
def deliver(url: TestUrl = None, account: Partner = "default", as_json: AsJson = False) -> int:
    """Send a signed delivery without effect to the gateway, one for each secret, and tell whether it gets in.

    Exits 1 if a signature is refused and 3 if the gateway cannot be reached.

    [dim]baton webhook test[/dim]
    """
    from baton.process.lifecycle import run_main

    settings = join_stack()
    secrets = [secret.get_secret_value() for secret in find_account(settings, account).webhook_secrets]

    async def main() -> int:
        from baton.cli.webhook_trial import deliver_tests, local_gateway

        if not secrets:
            raise CommandFailed(
                USAGE, "no_secret", f"no webhook secret is set here for account {account}; set one first"
            )
        address = endpoint_url(url, account) if url else local_gateway(settings, account)
        return _tell_tests(account, address, await deliver_tests(address, secrets), as_json=as_json)

    return run_main(main())


def _tell_tests(account: str, url: str, told: "list[TriedDelivery]", *, as_json: bool) -> int:
    from baton.cli.views.webhook_view import tests_view

    failed = [one for one in told if not one.accepted]
    worst = next((one for one in failed if not one.reached), failed[0] if failed else None)
    if as_json:
        error = {"error": {"code": worst.code, "message": worst.message}} if worst else {}
        deliveries = [one.model_dump(mode="json") for one in told]
        print_json({"account": account, "url": url, "accepted": not failed, "deliveries": deliveries, **error})
    else:
        print_text(tests_view(url, told))
    if worst is None:
        return DONE
    return REFUSED if worst.reached else UNREACHABLE
