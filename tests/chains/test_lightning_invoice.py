"""An invoice is read as BOLT 11 prints it, and shown only when it is the one that the quote asks for."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.chains.lightning import Invoice, invoice_objection, read_invoice
from baton.encoding import bech32
from tests.chains import bolt11_examples as bolt11
from tests.encoding.spelling import bech32_text, words_of

# Every printed example but one was made then, for the same payment hash.
MADE = datetime.fromtimestamp(1496314658, UTC)
HASH = "0001020304050607080900010203040506070809000102030405060708090102"
DESCRIPTION_HASH = "3925b6f67e2c340036ed12093dd44e0368df1b6ea26c53dbe4811f58fd5db8c1"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
COFFEE_SATS = 250_000


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
    with pytest.raises(ValueError, match=r"^(is no BOLT11 invoice|asks for a fraction)"):
        read_invoice(text)
    told = invoice_objection(text, COFFEE_SATS, MADE)
    assert told
    assert told.startswith("The deposit's invoice ")


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
def test_every_network_is_told_apart(prefix: str, network: str) -> None:
    assert read_invoice(made(PAYMENT, prefix=prefix)).network == network


def test_an_invoice_without_a_payment_hash_is_refused() -> None:
    short = field("p", words_of(bytes(31)))
    with pytest.raises(ValueError, match="without a payment hash"):
        read_invoice(made(short))


@pytest.mark.parametrize("rest", [[1], [1, 1], [13, 0, 2, 5], [13, 31, 31]])
def test_a_field_that_is_cut_off_is_refused(rest: list[int]) -> None:
    with pytest.raises(ValueError, match="cut off"):
        read_invoice(made(PAYMENT, rest))


def test_an_expiry_beyond_any_calendar_reads() -> None:
    assert read_invoice(made(PAYMENT, field("x", [31] * 40))).expires > MADE + timedelta(days=10_000)
    assert read_invoice(made(PAYMENT, field("x", []))).expires == MADE


@given(st.lists(st.integers(0, 31), max_size=60))
def test_whatever_stands_between_time_and_signature_reads_or_is_refused(words: list[int]) -> None:
    told = invoice_objection(made(PAYMENT, words), COFFEE_SATS, MADE)
    assert told is None or told.startswith("The deposit's invoice ")


def test_the_invoice_that_the_quote_asks_for_may_be_shown() -> None:
    assert invoice_objection(made(PAYMENT), COFFEE_SATS, MADE) is None
    assert invoice_objection(bolt11.COFFEE, COFFEE_SATS, MADE) is None


@pytest.mark.parametrize("sats", [COFFEE_SATS - 1, COFFEE_SATS + 1, 0, COFFEE_SATS * 1000])
def test_another_amount_than_the_quote_asks_for_is_objected_to(sats: int) -> None:
    assert invoice_objection(made(PAYMENT), sats, MADE) == (
        f"The deposit's invoice asks for 250000000 thousandths of a sat, the quote for {sats} sats."
    )


def test_an_amount_left_to_the_payer_is_objected_to() -> None:
    told = invoice_objection(bolt11.DONATION, COFFEE_SATS, MADE)
    assert told == "The deposit's invoice leaves the amount to the payer, the quote asks for 250000 sats."


def test_another_network_is_objected_to() -> None:
    told = invoice_objection(bolt11.TESTNET, 2_000_000, MADE)
    assert told == "The deposit's invoice is of the network testnet, the order of mainnet."
    assert invoice_objection(bolt11.TESTNET, 2_000_000, MADE, "testnet") is None


def test_time_runs_out_first_to_pay_and_then_altogether() -> None:
    invoice, end = made(PAYMENT), MADE + HOUR
    assert invoice_objection(invoice, COFFEE_SATS, end - MINUTE) is None
    soon = invoice_objection(invoice, COFFEE_SATS, end - MINUTE + timedelta(seconds=1))
    assert soon == (
        "The deposit's invoice expires at 2017-06-01 11:57:38 UTC, too soon to pay it; ask for a new quote."
    )
    assert invoice_objection(invoice, COFFEE_SATS, end - timedelta(seconds=1), least_time_left=timedelta()) is None
    assert invoice_objection(invoice, COFFEE_SATS, end) == (
        "The deposit's invoice expired at 2017-06-01 11:57:38 UTC; ask for a new quote."
    )
