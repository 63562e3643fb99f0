"""Links to explorers: the right page of each chain, and a catalogue that is read once however many there are."""

import pytest

from baton.chains import names
from baton.chains.names import transaction_page

HASH = "0x" + "ab" * 32


def test_a_transaction_has_the_page_of_its_chains_explorer() -> None:
    page = transaction_page("base", HASH)

    assert page is not None
    assert page.startswith("https://")
    assert page.endswith(HASH)


@pytest.mark.parametrize(("chain", "transaction"), [("nowhere", HASH), ("base", "0x../../login"), ("base", "0xü")])
def test_what_has_no_explorer_or_is_no_id_has_no_page(chain: str, transaction: str) -> None:
    assert transaction_page(chain, transaction) is None


def test_the_catalogue_is_read_once_for_any_number_of_links(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []
    load = names.load_chains
    monkeypatch.setattr(names, "load_chains", lambda: reads.append(1) or load())
    names._explorers.cache_clear()

    assert len({transaction_page("base", f"{HASH}{number}") for number in range(50)}) == 50
    assert len(reads) == 1
