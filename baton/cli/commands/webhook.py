"""`baton webhook`: the endpoints registered at Orchestra, and their secrets."""

import asyncio
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.confirmation import confirmed
from baton.cli.errors import DONE, REFUSED, UNREACHABLE, USAGE, CommandFailed, command
from baton.cli.files.webhook_secrets import SecretStore, find_store
from baton.cli.local_gateway import local_gateway
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_note, print_table, print_text
from baton.cli.partner import Partner, find_account, open_partner
from baton.cli.session import join_stack
from baton.redaction import without_login

if TYPE_CHECKING:
    from baton.doctor.signed_delivery import DeliveryResult
    from baton.orchestra.calls.webhooks import CreatedWebhook
    from baton.orchestra.client import OrchestraClient

ATTEMPTS = 3
"""How often a registration is sent, under one idempotency key, while its outcome is unknown."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

app = typer.Typer(help="Manage the webhook endpoints at Orchestra and their secrets, and test deliveries.")

Url = Annotated[
    str,
    typer.Option(
        "--url",
        metavar="https://...",
        help="URL at which Orchestra reaches the gateway; without a path it gets the account's.",
        show_default=False,
    ),
]
TestUrl = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="Gateway to test; default: the one on this machine.", show_default=False),
]
EnvFile = Annotated[
    Path | None,
    typer.Option(
        "--env-file",
        metavar="PATH",
        help="Where to write ORCHESTRA_WEBHOOK_SECRET; default: .env, which Baton reads.",
        show_default=False,
    ),
]
Replace = Annotated[bool, typer.Option("--replace", help="Drop the older secrets instead of keeping them valid.")]
ShowSecret = Annotated[bool, typer.Option("--show-secret", help="Print the secret with --json too.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
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
    """Register an endpoint and write its secret where the settings read it, beside the current ones.

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
        older = () if replace else store.secrets
        failure = _save(store, [created.secret, *(secret for secret in older if secret != created.secret)])
        show = show_secret or not as_json or failure is not None
        document: dict[str, object] = {
            "account": account,
            "webhook_id": created.webhook_id,
            "url": address,
            "saved_in": None if failure else str(store.file),
            "secrets": None if failure else 1 + len(older),
            "restart_gateway": not store.reloaded,
            **({"secret": created.secret} if show else {}),
            **({"error": {"code": "secret_not_saved", "message": failure}} if failure else {}),
        }
        _print_registered(document, store, failure, as_json=as_json)
        return REFUSED if failure else DONE

    return run_main(main())


def endpoint_url(url: str, account: str) -> str:
    """Return the endpoint's URL; without a path it gets the account's.

    Raises:
        CommandFailed: It is no absolute URL, or webhooks to it would travel unencrypted.
    """
    from baton.doctor.signed_delivery import webhook_path
    from baton.encoding.urls import parts_of_url

    shown = without_login(url)
    parts = parts_of_url(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise CommandFailed(USAGE, "invalid_url", f"--url {shown}: write a URL such as https://baton.example.com")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise CommandFailed(
            USAGE, "invalid_url", f"--url {shown}: use https, because webhooks contain your customers' orders"
        )
    path = parts.path.rstrip("/") or webhook_path(account)
    return parts._replace(path=path).geturl()


async def _create(client: "OrchestraClient", url: str) -> "CreatedWebhook":
    from baton.orchestra.errors import OrchestraError, Retry

    key = f"webhook:create:{uuid.uuid4()}"
    for attempts_left in reversed(range(ATTEMPTS)):
        try:
            return await client.create_webhook(url, key)
        except OrchestraError as error:
            if error.retry is not Retry.SAME_KEY:
                raise
            if not attempts_left:
                break
            await asyncio.sleep(min(error.retry_after or 1.0, 10.0))
    unknown = "the endpoint may exist, and its secret is lost"
    remedy = "find it with `baton webhook list`, remove it and register again"
    raise CommandFailed(UNREACHABLE, "no_answer", f"Orchestra did not answer: {unknown}; {remedy}")


def _save(store: SecretStore, secrets: list[str]) -> str | None:
    """Write the secrets; if that fails, return why and what to do."""
    try:
        store.save(secrets)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        failure = f"the endpoint is registered, but its secret could not be written to {store.file}: {why}"
        return f"{failure}; it is shown only now: add it there or to ORCHESTRA_WEBHOOK_SECRET by hand"
    return None


def _print_registered(document: dict[str, object], store: SecretStore, failure: str | None, *, as_json: bool) -> None:
    from baton.cli.views.webhook import registered_view

    if as_json:
        print_json(document)
        return
    print_text(registered_view(document))
    if failure:
        raise CommandFailed(REFUSED, "secret_not_saved", failure)
    if store.warning:
        print_note(store.warning)


@app.command("list")
@command
def list_webhooks(account: Partner = "default", as_json: AsJson = False) -> int:
    """List the endpoints that are registered at Orchestra; with --json each is one line.

    [dim]baton webhook list[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        from baton.cli.views.webhook import endpoints_table

        async with open_partner(find_account(join_stack(), account)) as client:
            endpoints = await client.webhooks()
        for endpoint in endpoints if as_json else []:
            print_json(endpoint.model_dump(mode="json"))
        if not as_json and endpoints:
            print_table(endpoints_table(endpoints))
        elif not as_json:
            print_note("no endpoint is registered; see `baton webhook register --help`")
        return DONE

    return run_main(main())


@app.command("remove")
@command
def remove(webhook_id: WebhookId, yes: Yes = False, account: Partner = "default", as_json: AsJson = False) -> int:
    """Disable an endpoint, so that Orchestra stops sending to it; its secret stays in the settings.

    [dim]baton webhook remove wh_1f2e3d --yes[/dim]
    """
    from baton.process.lifecycle import run_main

    partner = find_account(join_stack(), account)
    if not yes and not confirmed(f"Stop webhooks to endpoint {webhook_id} of account {account}?"):
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


@app.command("test")
@command
def deliver(url: TestUrl = None, account: Partner = "default", as_json: AsJson = False) -> int:
    """Send the gateway a signed test delivery for each secret, and show whether it is accepted.

    Exits 1 if a signature is refused and 3 if the gateway cannot be reached.

    [dim]baton webhook test[/dim]
    """
    from baton.process.lifecycle import run_main

    settings = join_stack()
    secrets = [secret.get_secret_value() for secret in find_account(settings, account).webhook_secrets]

    async def main() -> int:
        from baton.doctor.signed_delivery import send_test_deliveries, webhook_path

        if not secrets:
            raise CommandFailed(
                USAGE, "no_secret", f"the settings have no webhook secret for account {account}; set one first"
            )
        address = endpoint_url(url, account) if url else local_gateway(settings) + webhook_path(account)
        results = await send_test_deliveries(address, secrets)
        return _print_results(account, address, results, as_json=as_json)

    return run_main(main())


def _print_results(account: str, url: str, results: "list[DeliveryResult]", *, as_json: bool) -> int:
    from baton.cli.views.webhook import deliveries_view

    failed = [result for result in results if not result.accepted]
    worst = next((result for result in failed if not result.reached), failed[0] if failed else None)
    if as_json:
        error = {"error": {"code": worst.code, "message": worst.message}} if worst else {}
        deliveries = [result.model_dump(mode="json") for result in results]
        print_json({"account": account, "url": url, "accepted": not failed, "deliveries": deliveries, **error})
    else:
        print_text(deliveries_view(url, results))
    if worst is None:
        return DONE
    return REFUSED if worst.reached else UNREACHABLE
