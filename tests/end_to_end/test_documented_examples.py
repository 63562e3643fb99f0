"""The examples of the docs work as shown: orders, configuration, links; and the docs name every field."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from baton.accounts.policies import check_policies
from baton.chains.catalogue import load_chains
from baton.chains.factory import open_chain
from baton.chains.spec import ChainSpec, ProviderSpec
from baton.encoding.addresses import address_objection
from baton.notifications.book import load_endpoints
from baton.notifications.signing import new_secret
from baton.orchestra.offramp_models import OfframpRequest
from baton.orchestra.rules.offramp import lightning_address_of
from baton.orders.document import PolicyDocument, read_document
from baton.settings import PartnerAccount, Settings
from baton.sources.document import read_address_document
from baton.sources.rules.attention import SourceReason
from baton.sources.state import SourcePhase
from tests.paths import ROOT

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").glob("**/*.md")),
]


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def examples(language: str) -> list[Any]:
    """Return every code block in a language, named by page and position."""
    return [
        pytest.param(block, id=f"{page.relative_to(ROOT)}-{place}")
        for page in PAGES
        for place, block in enumerate(
            re.findall(rf"^```{language}\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE)
        )
    ]


def requests() -> list[Any]:
    """Return every example of what a business asks for; an event is what it is notified of."""
    return [example for example in examples("json") if "data" not in json.loads(example.values[0])]


def orders() -> list[Any]:
    """Return every example of an order."""
    return [example for example in requests() if "type" not in json.loads(example.values[0])]


def addresses() -> list[Any]:
    """Return every example of a reusable address."""
    return [example for example in requests() if "type" in json.loads(example.values[0])]


@pytest.mark.parametrize("order", orders())
def test_an_example_order_of_the_docs_can_be_placed(order: str) -> None:
    request = read_document(order).order().request
    recipient = request.recipient_address
    paid = lightning_address_of(recipient) if isinstance(request, OfframpRequest) else recipient

    assert address_objection(request.destination_chain, paid) is None


def test_the_docs_show_an_order_for_each_policy_and_kind() -> None:
    shown = [read_document(example.values[0]) for example in orders()]

    assert {document.kind for document in shown} == {"swap", "onramp", "offramp"}
    policies = {name for document in shown for name in document.policy.model_fields_set}
    assert policies >= {"zeroconf", "reprice", "submit_at", "on_quote_expiry"}
    assert policies <= PolicyDocument.model_fields.keys()


@pytest.mark.parametrize("address", addresses())
def test_an_example_address_of_the_docs_can_be_created(address: str) -> None:
    source = read_address_document(address).source()

    wire = source.request.wire()
    short = {"chain": wire.get("destinationChain"), "address": wire.get("destinationAddress")}
    goal = wire.get("destination", short)
    assert address_objection(goal["chain"], goal["address"]) is None


def test_the_page_on_addresses_names_every_reason_and_phase() -> None:
    page = text_of(ROOT / "docs" / "addresses-and-links.md")

    assert [name for name in (*SourceReason, *SourcePhase) if f"`{name}`" not in page] == []


@pytest.mark.parametrize("configuration", examples("toml"))
async def test_example_configuration_of_the_docs_is_valid(configuration: str, tmp_path: Path) -> None:
    tables = tomllib.loads(configuration)
    file = tmp_path / "configuration.toml"
    file.write_text(configuration, encoding="utf-8")

    for name, table in tables.get("accounts", {}).items():
        check_policies(PartnerAccount.model_validate({"name": name, **table}))
    for name in tables.get("chains", {}):
        await open_chain(load_chains(file)[name]).aclose()
    for table in tables.get("endpoints", {}).values():
        (tmp_path / table["secret_file"]).write_text(new_secret(), encoding="utf-8")
    if "endpoints" in tables:
        assert load_endpoints(file, ()).keys() == tables["endpoints"].keys()

    assert tables.keys() <= {"accounts", "chains", "endpoints"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_repository_has_a_target(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text_of(page))

    gone = [link for link in links if "://" not in link and not (page.parent / link).exists()]

    assert gone == []


@pytest.mark.parametrize("field", sorted({*ChainSpec.model_fields, *ProviderSpec.model_fields} - {"name"}))
def test_the_page_on_chains_names_every_field(field: str) -> None:
    assert f"`{field}`" in text_of(ROOT / "docs" / "chains.md")


@pytest.mark.parametrize("chain", sorted(load_chains()))
def test_the_chains_page_says_what_is_seen_on_each_shipped_chain(chain: str) -> None:
    table = text_of(ROOT / "docs" / "chains.md").partition("## What is seen where")[2].partition("###")[0]

    assert f"`{chain}`" in table


@pytest.mark.parametrize("field", sorted(PartnerAccount.model_fields.keys() - {"name"}))
def test_the_page_on_accounts_names_every_field(field: str) -> None:
    assert f"`{field}`" in text_of(ROOT / "docs" / "accounts.md")


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_the_readme_names_every_setting(field: str) -> None:
    assert f"`BATON_{field.upper()}`" in text_of(ROOT / "README.md")
