"""The words on the rows of an order's timeline in the Temporal UI."""

from datetime import timedelta

from baton.chains.deposits import Deposit, DepositState
from baton.orchestra.onramp_models import OnrampRequest
from baton.orchestra.proofs import DepositProof
from baton.orders.messages import Cadence, ReadOrder, RequestOnramp, RequestQuote, SubmitDeposit
from baton.orders.models import Waiting
from baton.orders.seen_deposits import DepositVerdict, SeenDeposit
from baton.orders.timeline_words import onramp_words, quote_words, read_words, silence_words, submit_words, wait_words
from tests.orders.states import NOON, REQUEST

HASH = "0x" + "ab" * 32
CALL = {"account": "default", "workflow_id": "order/default/r", "key": "k"}
QUOTE = RequestQuote(**CALL, request=REQUEST)
SUBMIT = SubmitDeposit(**CALL, quote_id="q_1", proof=DepositProof(tx_hash=HASH))


def test_a_request_for_a_quote_names_what_is_ordered() -> None:
    assert quote_words(QUOTE, 1) == "quote for 100 USDC on Base to BTC on Spark"
    assert quote_words(QUOTE, 3) == "quote for 100 USDC on Base to BTC on Spark, attempt 3"


def test_a_request_for_an_invoice_names_its_amount() -> None:
    request = OnrampRequest(
        destination_chain="spark", destination_asset="BTC", recipient_address="spark1r", amount_fiat_usd="25.00"
    )

    assert onramp_words(RequestOnramp(**CALL, request=request), 1) == "invoice for 25.00 US dollars"


def test_a_submit_names_the_deposit_and_what_the_chain_shows_of_it() -> None:
    deposit = Deposit(
        chain="base", address="0xa", asset="0xb", symbol="USDC", decimals=6, tx_id=HASH, index="0", amount=100_000_000
    )
    seen = SeenDeposit(
        deposit=deposit,
        submit_at=DepositState.CONFIRMED,
        verdict=DepositVerdict.EXACT,
        quote_id="q_1",
        first_seen_at=NOON,
    )

    assert submit_words(SUBMIT, 1, None) == "submit the deposit 0xababab…ababab"
    assert submit_words(SUBMIT, 2, seen) == "submit the deposit of 100 USDC seen on Base, 0xababab…ababab, attempt 2"


def test_a_poll_names_the_status_that_it_waits_to_change() -> None:
    cadence = Cadence(first=timedelta(seconds=1), longest=timedelta(seconds=9), factor=2)
    poll = ReadOrder(account="default", workflow_id="w", known_status="swapping", cadence=cadence)

    assert read_words(poll) == "poll Orchestra until the status is no longer swapping"
    assert read_words(poll.model_copy(update={"known_status": None})) == "poll Orchestra until it has an order"
    assert read_words(poll.model_copy(update={"cadence": None})) == "read the order at Orchestra once"


def test_a_timer_names_what_is_awaited_from_whom_and_until_when() -> None:
    waiting = Waiting(what="the swap", who="orchestra", until=NOON + timedelta(hours=1), then="an operator looks")

    assert wait_words(waiting, NOON) == "wait for the swap, from Orchestra, at most until 13:00:00 UTC"
    assert silence_words(NOON, NOON) == "if no webhook comes by 12:00:00 UTC, read the order at Orchestra"


def test_no_words_are_longer_than_temporal_takes() -> None:
    long = Waiting(what="ä" * 300, who="payer", until=NOON, then="")

    assert len(wait_words(long, NOON).encode()) <= 200
