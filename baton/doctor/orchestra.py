"""Checks of each partner account at Orchestra: reachable, its key valid, the clocks alike, webhooks on their way."""

from collections.abc import AsyncIterator, Sequence

from baton.doctor.signed_delivery import DeliveryResult, send_test_deliveries, webhook_path
from baton.encoding.urls import parts_of_url
from baton.health.findings import CheckFinding, ok, problem, skipped, warning
from baton.orchestra.calls.webhooks import WebhookEndpoint
from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import OrchestraError, Unauthorized
from baton.settings import PartnerAccount

TIMEOUT = 10.0
"""Seconds that one call may take."""

LARGE_OFFSET = 30.0
"""Seconds; an ordinary time service keeps clocks within one."""

_BY_POLLS = "orders are tracked by reads alone, later and out of the read budget"
_REGISTER = "baton webhook register --url https://YOUR-GATEWAY"


async def check_account(account: PartnerAccount) -> AsyncIterator[CheckFinding]:
    """Check one account, and its webhooks if it is tracked by them."""
    name = account.name
    try:
        client = OrchestraClient(account.base_url, account.api_key.get_secret_value(), timeout=TIMEOUT)
    except ValueError as error:
        yield problem("orchestra.key", str(error), "no order of this account can be placed", _settings_of(name), name)
        return
    async with client:
        try:
            endpoints = await client.webhooks()
        except OrchestraError as error:
            yield _refused(error, account)
        else:
            yield ok("orchestra.key", f"Orchestra at {account.base_url} accepts the key", name)
            async for finding in _webhooks(account, endpoints):
                yield finding
        yield _clock(client.clock_offset, account)


def _settings_of(name: str) -> str:
    return f"correct ORCHESTRA_BASE_URL and ORCHESTRA_API_KEY, or [accounts.{name}] of BATON_PARTNERS_FILE"


def _refused(error: OrchestraError, account: PartnerAccount) -> CheckFinding:
    name = account.name
    if isinstance(error, Unauthorized):
        effect = "no order of this account can be placed or read"
        return problem("orchestra.key", f"Orchestra refuses the key: {error.message}", effect, _settings_of(name), name)
    return problem(
        "orchestra.reachable",
        f"Orchestra at {account.base_url} gave no usable answer: {error.message}",
        "orders of this account wait until it answers; nothing is lost",
        f"check the network and the proxy between this machine and Orchestra; {_settings_of(name)}",
        name,
    )


def _clock(offset: float | None, account: PartnerAccount) -> CheckFinding:
    check, name = "machine.clock", account.name
    if offset is None:
        return skipped(check, "Orchestra did not say its time", name)
    message = f"this machine's clock is {abs(offset):.0f} s {'behind' if offset > 0 else 'ahead of'} Orchestra's"
    if abs(offset) > account.webhook_tolerance / 2:
        effect = "the gateway refuses webhooks as too old or too new, and quotes seem to expire at wrong times"
        return problem(check, message, effect, "synchronise the clock, for instance with chrony", name)
    if abs(offset) > LARGE_OFFSET:
        effect = "quotes seem to expire at wrong times"
        return warning(check, message, effect, "synchronise the clock, for instance with chrony", name)
    return ok(check, "this machine's clock agrees with Orchestra's", name)


async def _webhooks(account: PartnerAccount, endpoints: Sequence[WebhookEndpoint]) -> AsyncIterator[CheckFinding]:
    if account.webhooks_unreachable:
        yield ok("webhook.registered", f"the account is tracked by {account.tracking}, without webhooks", account.name)
        return
    urls = [endpoint.url for endpoint in endpoints if endpoint.enabled and _is_gateway(endpoint.url, account.name)]
    yield _registered(account.name, urls)
    yield _secret(account)
    for url in urls:
        secrets = [secret.get_secret_value() for secret in account.webhook_secrets]
        if secrets:
            yield _delivered(account.name, url, await send_test_deliveries(url, secrets))


def _is_gateway(url: str, account: str) -> bool:
    return parts_of_url(url).path.rstrip("/") == webhook_path(account)


def _registered(name: str, urls: Sequence[str]) -> CheckFinding:
    check = "webhook.registered"
    if not urls:
        message = f"no endpoint with the path {webhook_path(name)} is registered at Orchestra"
        return problem(check, message, _BY_POLLS, f"`{_REGISTER} --account {name}`", name)
    return ok(check, f"Orchestra sends webhooks to {', '.join(urls)}", name)


def _secret(account: PartnerAccount) -> CheckFinding:
    check, count = "webhook.secret", len(account.webhook_secrets)
    if count == 0:
        remedy = f"set ORCHESTRA_WEBHOOK_SECRET, or `{_REGISTER} --account {account.name}`, which sets it"
        effect = f"the gateway refuses every webhook, so {_BY_POLLS}"
        return problem(check, "the settings have no webhook secret", effect, remedy, account.name)
    if count > 2:
        message = f"{count} webhook secrets are valid at the same time"
        effect, remedy = "an old secret that leaked still opens the gateway", "remove the old ones from the settings"
        return warning(check, message, effect, remedy, account.name)
    return ok(check, f"{count} webhook secret{'s are' if count > 1 else ' is'} set", account.name)


def _delivered(name: str, url: str, results: Sequence[DeliveryResult]) -> CheckFinding:
    check = "webhook.delivery"
    if any(result.accepted for result in results):
        return ok(check, f"a signed test delivery to {url} is accepted", name)
    first = results[0]
    effect = f"webhooks do not arrive, so {_BY_POLLS}"
    remedy = "give the gateway the same settings and restart it"
    if not first.reached:
        remedy = "start `baton gateway`, and check the proxy, the DNS name and the certificate in front of it"
    return problem(check, f"a signed test delivery to {url} fails: {first.message}", effect, remedy, name)
