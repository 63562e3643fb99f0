"""Lightning destinations are recognised, and an invoice's amount must suit the order."""

import pytest

from baton.encoding.invoices import is_invoice
from baton.encoding.lightning import is_lightning_address, is_offer, lightning_objection, recipient_objection
from tests.encoding.spelling import invoice

OFFER = (
    "lno1pqps7sjqpgtyzm3qv4uxzmtsd3jjqer9wd3hy6tsw35k7msjzfpy7nz5yqcnygrfdej82um5wf5k2uckyypwa3eyt44h6txtxquqh7lz5djge4"
)


@pytest.mark.parametrize("prefix", ["lntb", "lnbcrt", "lntbs", "lntb20m", "lnbcrt500u"])
def test_an_invoice_of_a_test_network_passes_only_where_allowed(prefix: str) -> None:
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
def test_text_that_is_not_a_lightning_address_is_refused(text: str) -> None:
    assert not is_lightning_address(text)
    assert lightning_objection(text) == (
        "is neither a BOLT11 invoice with a valid checksum nor a Lightning address (name@host)"
    )


def test_an_offer_is_accepted_for_a_refund_but_not_for_a_recipient() -> None:
    assert is_offer(OFFER)
    assert "BOLT12 offer, which is not accepted" in (lightning_objection(OFFER) or "")
    assert lightning_objection(OFFER, offers=True) is None


@pytest.mark.parametrize(
    ("prefix", "mode", "amount", "words"),
    [
        ("lnbc", None, 5, None),
        ("lnbc", "exact_out", 5, None),
        ("lnbc1000n", None, 100, "use an invoice without an amount"),
        ("lnbc1000n", "exact_in", 100, "use an invoice without an amount"),
        ("lnbc1000n", "exact_out", 100, None),
        ("lnbc1000n", "exact_out", None, None),
        ("lnbc1000n", "exact_out", 101, "asks for 100000 thousandths of a sat, but the order delivers 101 sats"),
        ("lnbc1001n", "exact_out", 100, "asks for 100100 thousandths"),
    ],
)
def test_an_invoice_with_an_amount_needs_an_exact_out_order_over_it(
    prefix: str, mode: str | None, amount: int | None, words: str | None
) -> None:
    objection = recipient_objection(invoice(prefix), mode, amount)
    assert objection is None if words is None else words in (objection or "")


def test_a_recipient_with_a_fraction_of_a_thousandth_is_refused() -> None:
    assert recipient_objection(invoice("lnbc11p"), "exact_in", 5) == "asks for a fraction of a thousandth of a sat"
