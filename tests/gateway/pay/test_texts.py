"""The texts of the payer page and their translations, and the colours that text is readable in."""

from pathlib import Path

import pytest

from baton.gateway.pay import business
from baton.gateway.pay.business import Business, readable_on
from baton.gateway.pay.texts import load_texts
from baton.settings import SettingsError

SHIPPED = Path(business.__file__).with_name("texts.toml").read_text(encoding="utf-8")


def test_a_translation_replaces_every_text(tmp_path: Path) -> None:
    file = tmp_path / "de.toml"
    file.write_text(SHIPPED.replace('language = "en"', 'language = "de"').replace("Pay {amount}", "{amount} zahlen"))
    texts = load_texts(file)
    assert (texts.language, texts("headline", "pay", amount="5 USDC")) == ("de", "5 USDC zahlen")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('copy = "Copy"\n', ""), "payment.copy: is missing"),
        (("Pay {amount}", "Pay {sum}"), "headline.pay: has other words in braces"),
        (('language = "en"', ""), "language: is missing"),
        (("[headline]", "[headline"), "cannot be read"),
    ],
)
def test_a_translation_that_lacks_something_is_refused(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    file = tmp_path / "de.toml"
    file.write_text(SHIPPED.replace(*change, 1))
    with pytest.raises(SettingsError, match=complaint):
        load_texts(file)


@pytest.mark.parametrize("colour", ["#ffffff", "#000000", "#ffd400", "#2456e6", "#7f7f7f", "#ff0000", "#00ff88"])
@pytest.mark.parametrize("ground", ["#ffffff", "#171b22"])
def test_text_in_any_colour_can_be_read_on_the_page(colour: str, ground: str) -> None:
    assert business._contrast(readable_on(colour, ground), ground) >= 4.5
    shop = Business(colour=colour)
    assert business._contrast(shop.colour, shop.on_colour) >= 4.5


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("help@ada.example", "mailto:help@ada.example"),
        ("https://ada.example/help", "https://ada.example/help"),
        ("javascript:alert(1)", None),
        ("+49 30 1234", None),
        ('a@b"><script>', None),
    ],
)
def test_only_mail_addresses_and_secure_urls_become_links(contact: str, link: str | None) -> None:
    assert Business(contact=contact).contact_link == link
