"""Endpoints come from a file, which is read again when it changes, and from the ledger."""

import os
from pathlib import Path

import pytest

from baton.ledger.ledger import Ledger
from baton.notifications import book
from baton.notifications.book import EndpointBook, load_endpoints
from baton.notifications.signing import new_secret
from baton.settings import SettingsError
from tests.notifications.conftest import Feed


def write(file: Path, text: str, at: int = 1) -> Path:
    file.write_text(text)
    os.utime(file, ns=(at, at))
    return file


def table(name: str = "shop", **fields: str) -> str:
    given = {"url": "https://shop.example.com/hooks", "secret": new_secret()} | fields
    lines = [f'{field} = "{value}"' for field, value in given.items()]
    return "\n".join([f"[endpoints.{name}]", *lines, ""])


def test_an_endpoint_of_the_file_has_every_field(tmp_path: Path) -> None:
    secrets = [new_secret(), new_secret()]
    text = table(secret=", ".join(secrets)) + 'events = ["order.closed", "order.*"]\naccounts = ["default"]\n'
    endpoint = load_endpoints(write(tmp_path / "e.toml", text), ())["shop"]
    assert [each.secret.get_secret_value() for each in endpoint.secrets] == secrets
    assert endpoint.events == ["order.closed", "order.*"]
    assert endpoint.accounts == ["default"]


def test_a_secret_may_be_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{new_secret()}\n")
    text = '[endpoints.shop]\nurl = "https://shop.example.com"\nsecret_file = "secret"\n'
    assert load_endpoints(write(tmp_path / "e.toml", text), ())["shop"].secrets


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[endpoints.shop]\n", "endpoints.shop"),
        ("[shops.one]\n", r"\[endpoints.NAME\]"),
        (table(url="http://shop.example.com"), "https"),
        (table(url="https://10.0.0.1/"), "BATON_NOTIFY_NETWORKS"),
        (table(secret="hunter2hunter2"), "baton endpoint secret"),
        (table(secret_file="there"), "not both"),
        (table(event="order.closed"), "unknown field event"),
        (table("Shop"), "name"),
        (table() + 'events = ["closed"]\n', "order.completed"),
    ],
)
def test_a_wrong_endpoint_is_refused_by_name_without_its_secret(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named) as refused:
        load_endpoints(write(tmp_path / "e.toml", text), ())
    assert "hunter2" not in str(refused.value)


async def test_a_changed_file_is_read_again_and_a_broken_one_changes_nothing(
    feed: Feed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "CHECK_INTERVAL", 0)
    file = write(tmp_path / "e.toml", table())
    endpoints = EndpointBook(file, feed.ledger)
    write(file, table() + table("billing"), at=2)
    assert set(await endpoints.refresh()) == {"shop", "billing"}
    write(file, "[endpoints", at=3)
    assert set(await endpoints.refresh()) == {"shop", "billing"}
    write(file, table("billing"), at=4)
    assert set(await endpoints.refresh()) == {"billing"}


async def test_an_endpoint_of_the_file_hides_one_of_the_ledger(feed: Feed, tmp_path: Path) -> None:
    file = write(tmp_path / "e.toml", table(f"{feed.name}-shop"))
    made = await feed.endpoint("https://other.example.com")
    found = await EndpointBook(file, feed.ledger).get(made.name)
    assert found is not None
    assert (found.url, found.origin) == ("https://shop.example.com/hooks", "file")


async def test_the_ledgers_endpoints_keep_their_secrets_out_of_texts(ledger_endpoint: str) -> None:
    assert "whsec" not in ledger_endpoint


@pytest.fixture
async def ledger_endpoint(feed: Feed) -> str:
    await feed.endpoint("https://other.example.com")
    ledger: Ledger = feed.ledger
    return repr(await ledger.endpoints.all()) + repr(await EndpointBook(None, ledger).refresh())
