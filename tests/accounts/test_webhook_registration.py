"""Registering a webhook endpoint where the gateway keeps the account's secrets in a file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from baton.accounts.webhook_registration import RegistrationRefused, register_webhook
from baton.orchestra.client import OrchestraClient
from baton.settings import PartnerAccount
from tests.sandbox_server import running_sandbox

URL = "https://baton.example.com/webhooks/orchestra/default"


@pytest.fixture
async def orchestra() -> AsyncIterator[OrchestraClient]:
    async with running_sandbox() as (url, _), OrchestraClient(url, "fn_sandbox") as client:
        yield client


def account(file: Path | None) -> PartnerAccount:
    return PartnerAccount(name="default", webhook_secrets=[SecretStr("whsec_old")], webhook_secrets_file=file)


async def test_the_new_secret_stands_before_the_older_ones(orchestra: OrchestraClient, tmp_path: Path) -> None:
    file = tmp_path / "secrets"

    registered = await register_webhook(orchestra, account(file), URL, replace=False)

    newest, older = file.read_text().splitlines()
    assert (older, registered.secrets) == ("whsec_old", 2)
    assert newest not in registered.model_dump_json()
    assert [webhook.url for webhook in await orchestra.webhooks() if webhook.id == registered.webhook_id] == [URL]


async def test_replacing_drops_the_older_secrets(orchestra: OrchestraClient, tmp_path: Path) -> None:
    file = tmp_path / "secrets"

    await register_webhook(orchestra, account(file), URL, replace=True)

    assert "whsec_old" not in file.read_text()


async def test_an_endpoint_whose_secret_cannot_be_kept_is_removed(orchestra: OrchestraClient, tmp_path: Path) -> None:
    before = [webhook for webhook in await orchestra.webhooks() if webhook.enabled]

    with pytest.raises(RegistrationRefused, match="the endpoint was removed again") as refused:
        await register_webhook(orchestra, account(tmp_path / "missing" / "secrets"), URL, replace=False)

    assert refused.value.code == "secret_not_saved"
    assert [webhook for webhook in await orchestra.webhooks() if webhook.enabled] == before
