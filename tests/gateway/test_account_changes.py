"""Accounts and their webhook secrets change under a running gateway."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs
from temporalio.client import Client

from baton.accounts.book import AccountBook
from baton.ledger.ledger import Ledger
from baton.settings import Settings
from tests.gateway.world import OLD_SECRET, SECRET, Gateway, OpenOrder, event_of, open_order, running_gateway


@pytest.fixture
def partners(tmp_path: Path) -> Path:
    return tmp_path / "partners.toml"


def write_broken_file(partners: Path) -> None:
    """Write a partners file that ends in the middle of a secret."""
    partners.write_text(f'[accounts.default]\nwebhook_secrets = "{OLD_SECRET}')


def write_partners(partners: Path, **secrets: str) -> None:
    """Write the partners file: for each account its webhook secrets, separated by commas."""
    tables = [
        f'[accounts.{account}]\nunknown_orders = "ignore"\nwebhook_secrets = "{value}"\n'
        for account, value in secrets.items()
    ]
    partners.write_text("".join(tables))


async def deliver(gateway: Gateway, order: OpenOrder, secret: str, account: str = "default") -> int:
    """Deliver an event; return the HTTP status of the response."""
    body = event_of(order.order_id, "swapping")
    return (await gateway.post(body, account=account, secret=secret)).status_code


async def test_a_webhook_secret_is_rotated_without_a_restart(
    gateway_temporal: Client, ledger: Ledger, order: OpenOrder, partners: Path
) -> None:
    write_partners(partners, default=OLD_SECRET)
    accounts = AccountBook(Settings(partners_file=partners), pause=0)
    async with running_gateway(gateway_temporal, ledger, accounts=accounts) as gateway:
        assert [await deliver(gateway, order, secret) for secret in (OLD_SECRET, SECRET)] == [200, 401]
        write_partners(partners, default=f"{OLD_SECRET},{SECRET}")
        assert [await deliver(gateway, order, secret) for secret in (OLD_SECRET, SECRET)] == [200, 200]
        write_partners(partners, default=SECRET)
        assert [await deliver(gateway, order, secret) for secret in (OLD_SECRET, SECRET)] == [401, 200]


async def test_an_account_is_served_as_soon_as_added_until_it_is_removed(
    gateway_temporal: Client, ledger: Ledger, partners: Path
) -> None:
    write_partners(partners, default=SECRET)
    accounts = AccountBook(Settings(partners_file=partners), pause=0)
    order = await open_order(gateway_temporal)
    await ledger.index_order("second", order.order_id, order.handle.id)
    async with running_gateway(gateway_temporal, ledger, accounts=accounts) as gateway:
        assert await deliver(gateway, order, OLD_SECRET, "second") == 404
        write_partners(partners, default=SECRET, second=OLD_SECRET)
        assert await deliver(gateway, order, OLD_SECRET, "second") == 200
        write_partners(partners, default=SECRET)
        assert await deliver(gateway, order, OLD_SECRET, "second") == 404
    assert await order.signals() == [["swapping"]]
    await order.close()


async def test_an_unreadable_file_refuses_nobody_and_is_logged_once(
    gateway_temporal: Client, ledger: Ledger, order: OpenOrder, partners: Path
) -> None:
    write_partners(partners, default=SECRET)
    accounts = AccountBook(Settings(partners_file=partners), pause=0)
    async with running_gateway(gateway_temporal, ledger, accounts=accounts) as gateway:
        write_broken_file(partners)
        with capture_logs() as lines:
            assert [await deliver(gateway, order, SECRET) for _ in range(3)] == [200] * 3
    errors = [line["event"] for line in lines if line["log_level"] == "error"]
    assert len(errors) == 1
    assert "partners.toml" in errors[0]
    assert OLD_SECRET not in str(lines)
