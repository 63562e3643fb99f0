"""Invoices are read as BOLT 11 defines them, and their amount is compared exactly."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.encoding import bech32
from baton.encoding.invoices import Invoice, amount_objection, invoice_msats, is_invoice, read_invoice
from tests.encoding import bolt11_examples as bolt11
from tests.encoding.spelling import bech32_text, invoice, words_of

# All printed examples but one were made at this time, for the same payment hash.
MADE = datetime.fromtimestamp(1496314658, UTC)
HASH = "0001020304050607080900010203040506070809000102030405060708090102"
DESCRIPTION_HASH = "3925b6f67e2c340036ed12093dd44e0368df1b6ea26c53dbe4811f58fd5db8c1"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
COFFEE_SATS = 250_000

# The first example of BOLT 11 since it asks for a payment secret: a donation of any amount.
SECRET = (
    "lnbc1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzq"
    "fqypqdpl2pkx2ctnv5sxxmmwwd5kgetjypeh2ursdae8g6twvus8g6rfwvs8qun0dfjkxaq9qrsgq357wnc5r2ueh7ck6q93dj32dlqnls087fxdwk8qak"
    "dyafkq3yap9us6v52vjjsrvywa6rt52cm9r9zqt8r2t7mlcwspyetp5h2tztugp9lfyql"
)


def test_the_donation_of_any_amount_reads() -> None:
    assert read_invoice(bolt11.DONATION) == Invoice(
        network="mainnet",
        msats=None,
        created=MADE,
        expiry=HOUR,
        payment_hash=HASH,
        description="Please consider supporting this project",
        description_hash=None,
    )


@pytest.mark.parametrize(
    ("text", "network", "msats", "expiry", "description", "description_hash"),
    [
        (bolt11.COFFEE, "mainnet", 250_000_000, MINUTE, "1 cup coffee", None),
        (bolt11.NONSENSE, "mainnet", 250_000_000, MINUTE, "ナンセンス 1杯", None),
        (bolt11.HASHED, "mainnet", 2_000_000_000, HOUR, None, DESCRIPTION_HASH),
        (bolt11.TESTNET, "testnet", 2_000_000_000, HOUR, None, DESCRIPTION_HASH),
        (bolt11.IGNORED, "mainnet", 2_500_000_000, HOUR, "coffee beans", None),
        (bolt11.IGNORED.upper(), "mainnet", 2_500_000_000, HOUR, "coffee beans", None),
    ],
)
def test_the_printed_examples_read(
    text: str, network: str, msats: int, expiry: timedelta, description: str, description_hash: str
) -> None:
    assert read_invoice(text) == Invoice(network, msats, MADE, expiry, HASH, description, description_hash)


def test_the_example_in_trillionths_reads() -> None:
    read = read_invoice(bolt11.PICO)
    assert (read.msats, read.expiry) == (967_878_534, timedelta(weeks=1))
    assert read.created == datetime.fromtimestamp(1572468703, UTC)
    assert read.payment_hash == "462264ede7e14047e9b249da94fefc47f41f7d02ee9b091815a5506bc8abf75f"
    assert read.description is not None
    assert read.description.startswith("Blockstream Store: 88.85 USD for Blockstream Ledger Nano S x 1,")


@pytest.mark.parametrize(
    "text",
    [
        bolt11.MISTYPED,
        bolt11.UNSEPARATED,
        bolt11.MIXED_CASE,
        bolt11.TOO_SHORT,
        bolt11.UNKNOWN_UNIT,
        bolt11.TOO_FINE,
        "",
        "name@host.example",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    ],
)
def test_the_printed_bad_examples_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(is not a BOLT11 invoice|asks for a fraction)"):
        read_invoice(text)


def field(letter: str, words: list[int]) -> list[int]:
    return [bech32.CHARSET.index(letter), len(words) // 32, len(words) % 32, *words]


def made(*fields: list[int], prefix: str = "lnbc2500u") -> str:
    """Return an invoice of the examples' time with these fields and a signature of nothing."""
    time = [1496314658 >> 5 * place & 31 for place in range(6, -1, -1)]
    return bech32_text(prefix, [*time, *(word for one in fields for word in one), *[0] * 104], bech32.BECH32)


PAYMENT = field("p", words_of(bytes.fromhex(HASH)))


@pytest.mark.parametrize(
    ("prefix", "network"),
    [("lnbc1u", "mainnet"), ("lntb1u", "testnet"), ("lntbs1u", "signet"), ("lnbcrt1u", "regtest")],
)
def test_every_network_is_recognised(prefix: str, network: str) -> None:
    assert read_invoice(made(PAYMENT, prefix=prefix)).network == network


def test_an_invoice_without_a_payment_hash_is_refused() -> None:
    short = field("p", words_of(bytes(31)))
    with pytest.raises(ValueError, match="without a payment hash"):
        read_invoice(made(short))


@pytest.mark.parametrize("rest", [[1], [1, 1], [13, 0, 2, 5], [13, 31, 31]])
def test_a_field_that_is_cut_off_is_refused(rest: list[int]) -> None:
    with pytest.raises(ValueError, match="cut off"):
        read_invoice(made(PAYMENT, rest))


def test_an_expiry_outside_the_calendar_is_cut() -> None:
    assert read_invoice(made(PAYMENT, field("x", [31] * 40))).expires > MADE + timedelta(days=10_000)
    assert read_invoice(made(PAYMENT, field("x", []))).expires == MADE


@given(st.lists(st.integers(0, 31), max_size=60))
def test_any_words_between_time_and_signature_read_or_are_refused(words: list[int]) -> None:
    try:
        result: object = read_invoice(made(PAYMENT, words)).payment_hash
    except ValueError as error:
        result = str(error)
    assert result in (HASH, "is an invoice with a field cut off")


def test_the_amount_that_was_agreed_has_no_objection() -> None:
    assert amount_objection(read_invoice(bolt11.COFFEE), COFFEE_SATS, COFFEE_SATS) is None
    assert amount_objection(read_invoice(made(PAYMENT)), COFFEE_SATS - 1, COFFEE_SATS + 1) is None


@pytest.mark.parametrize("sats", [COFFEE_SATS - 1, COFFEE_SATS + 1, 0, COFFEE_SATS * 1000])
def test_another_amount_than_the_one_agreed_is_an_objection(sats: int) -> None:
    assert amount_objection(read_invoice(made(PAYMENT)), sats, sats) == (
        f"the invoice asks for 250000000 thousandths of a sat, but the quote for {sats} sats"
    )


def test_an_amount_outside_the_agreed_range_is_an_objection() -> None:
    assert amount_objection(read_invoice(made(PAYMENT)), 1, COFFEE_SATS - 1) == (
        "the invoice asks for 250000000 thousandths of a sat, but the quote for 1 to 249999 sats"
    )


def test_an_amount_left_to_the_payer_is_an_objection() -> None:
    objection = amount_objection(read_invoice(bolt11.DONATION), COFFEE_SATS, COFFEE_SATS)
    assert objection == "the invoice leaves the amount to the payer, but the quote asks for 250000 sats"


def test_the_published_invoice_reads() -> None:
    assert is_invoice(SECRET)
    assert is_invoice(SECRET.upper())
    assert invoice_msats(SECRET) is None
    assert not is_invoice(SECRET.replace("lnbc1pv", "lnbc1pw"))


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
def test_text_that_is_not_an_invoice_has_no_amount(text: str) -> None:
    assert not is_invoice(text, testnets=True)
    with pytest.raises(ValueError, match="not a BOLT11 invoice"):
        invoice_msats(text)
