"""Lightning destinations are told apart, and an invoice's own amount is read exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.encoding import bech32
from baton.encoding.lightning import (
    invoice_msats,
    is_invoice,
    is_lightning_address,
    is_offer,
    lightning_objection,
    recipient_objection,
)
from tests.encoding.spelling import invoice

# The first example of BOLT 11: a donation of any amount.
PUBLISHED = (
    "lnbc1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzq"
    "fqypqdpl2pkx2ctnv5sxxmmwwd5kgetjypeh2ursdae8g6twvus8g6rfwvs8qun0dfjkxaq9qrsgq357wnc5r2ueh7ck6q93dj32dlqnls087fxdwk8qak"
    "dyafkq3yap9us6v52vjjsrvywa6rt52cm9r9zqt8r2t7mlcwspyetp5h2tztugp9lfyql"
)
OFFER = (
    "lno1pqps7sjqpgtyzm3qv4uxzmtsd3jjqer9wd3hy6tsw35k7msjzfpy7nz5yqcnygrfdej82um5wf5k2uckyypwa3eyt44h6txtxquqh7lz5djge4"
)


def test_the_published_invoice_reads() -> None:
    assert is_invoice(PUBLISHED)
    assert is_invoice(PUBLISHED.upper())
    assert invoice_msats(PUBLISHED) is None
    assert not is_invoice(PUBLISHED.replace("lnbc1pv", "lnbc1pw"))


@pytest.mark.parametrize(
    ("prefix", "msats"),
    [
        ("lnbc", None),
        ("lnbc1", 100_000_000_000),
        ("lnbc2500u", 250_000_000),
        ("lnbc20m", 2_000_000_000),
        ("lnbc1000n", 100_000),
        ("lnbc10p", 1),
        ("lnbc9678785340p", 967_878_534),
    ],
)
def test_an_amount_reads_exactly(prefix: str, msats: int | None) -> None:
    assert invoice_msats(invoice(prefix)) == msats


@given(st.integers(1, 10**9))
def test_every_amount_in_billionths_reads(nano: int) -> None:
    assert invoice_msats(invoice(f"lnbc{nano}n")) == nano * 100


def test_the_shortest_invoice_is_a_time_and_a_signature() -> None:
    assert is_invoice(invoice(words=111))


def test_less_than_a_thousandth_of_a_sat_is_refused() -> None:
    with pytest.raises(ValueError, match="fraction"):
        invoice_msats(invoice("lnbc11p"))
    assert recipient_objection(invoice("lnbc11p"), "exact_in", 5) == "asks for a fraction of a thousandth of a sat"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lnbc1000n1pj...",
        invoice("lnbc0u"),
        invoice("lnbc01u"),
        invoice("lnbc5x"),
        invoice("lnxx"),
        invoice("bc"),
        invoice(words=110),
        invoice(checksum=bech32.BECH32M),
    ],
)
def test_what_is_no_invoice_has_no_amount(text: str) -> None:
    assert not is_invoice(text, testnets=True)
    with pytest.raises(ValueError, match="no BOLT11 invoice"):
        invoice_msats(text)


@pytest.mark.parametrize("prefix", ["lntb", "lnbcrt", "lntbs", "lntb20m", "lnbcrt500u"])
def test_an_invoice_of_a_test_network_passes_only_where_that_is_wanted(prefix: str) -> None:
    assert not is_invoice(invoice(prefix))
    assert is_invoice(invoice(prefix), testnets=True)
    assert "test network" in (lightning_objection(invoice(prefix)) or "")
    assert lightning_objection(invoice(prefix), testnets=True) is None


@pytest.mark.parametrize("address", ["a@b.example", "Some.One+tip@pay.b-c.example", "x_y@sub.domain.example"])
def test_a_lightning_address_is_a_destination(address: str) -> None:
    assert is_lightning_address(address)
    assert lightning_objection(address) is None
    assert recipient_objection(address, "exact_in", 1) is None


@pytest.mark.parametrize(
    "text",
    ["a@b", "@b.example", "a@.example", "a b@c.example", "a@b.example/x", "a@-b.example", "a@b..example", "a@b.e"],
)
def test_what_is_no_lightning_address_is_refused(text: str) -> None:
    assert not is_lightning_address(text)
    assert lightning_objection(text) == (
        "is neither a BOLT11 invoice with a good checksum nor a Lightning address (name@host)"
    )


def test_an_offer_will_do_for_a_refund_and_not_for_a_recipient() -> None:
    assert is_offer(OFFER)
    assert "BOLT12 offer, which is not taken" in (lightning_objection(OFFER) or "")
    assert lightning_objection(OFFER, offers=True) is None


@pytest.mark.parametrize(
    ("prefix", "mode", "amount", "words"),
    [
        ("lnbc", None, 5, None),
        ("lnbc", "exact_out", 5, None),
        ("lnbc1000n", None, 100, "takes an invoice without one"),
        ("lnbc1000n", "exact_in", 100, "takes an invoice without one"),
        ("lnbc1000n", "exact_out", 100, None),
        ("lnbc1000n", "exact_out", None, None),
        ("lnbc1000n", "exact_out", 101, "asks for 100000 thousandths of a sat where the order delivers 101 sats"),
        ("lnbc1001n", "exact_out", 100, "asks for 100100 thousandths"),
    ],
)
def test_an_invoice_with_an_amount_suits_only_an_exact_out_order_over_it(
    prefix: str, mode: str | None, amount: int | None, words: str | None
) -> None:
    told = recipient_objection(invoice(prefix), mode, amount)
    assert told is None if words is None else words in (told or "")
