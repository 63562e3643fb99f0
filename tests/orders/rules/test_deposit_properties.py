"""The same facts about deposits, in any order, repeated and partly lost, lead an order to the same end.

Each example plays an order against a small Orchestra that knows which transactions exist: facts arrive one by one, and
between them the deposit whose turn it is may be submitted.
"""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from baton.orchestra.proofs import DepositProof
from baton.orders.known_deposits import DepositStage
from baton.orders.models import Phase, Reason
from baton.orders.observation import OrderView
from baton.orders.rules.deposits import accept, apply_deposits, begin_submit, note_refusal, set_aside
from baton.orders.rules.present import merge
from baton.orders.seen_deposits import DepositNotice
from baton.orders.state import DepositReport, OrderState
from tests.chains.deposits import CONFIRMED, FINAL, SEEN, deposit
from tests.orders.states import NOON, order, quote, seen, state

PAID, MISTYPED, DUST, FOREIGN = ("0x" + digit * 64 for digit in "abcd")
SPELLINGS = (str.upper, lambda tx: tx[2:], lambda tx: f" {tx} ", lambda tx: f"https://basescan.org/tx/{tx}", str)

Fact = DepositReport | DepositNotice


def reports(tx_id: str) -> st.SearchStrategy[Fact]:
    def report(spelled, quote_id: str | None) -> DepositReport:
        return DepositReport(proof=DepositProof(tx_hash=spelled(tx_id)), quote_id=quote_id)

    return st.builds(report, st.sampled_from(SPELLINGS), st.sampled_from([None, "q_1", "q_2"]))


def sightings(tx_id: str, **fields: object) -> st.SearchStrategy[Fact]:
    states = st.sampled_from([SEEN, CONFIRMED, FINAL])
    return st.builds(lambda level: DepositNotice(deposit=deposit(tx_id, state=level, **fields)), states)


DECISIVE = st.one_of(reports(PAID), st.just(DepositNotice(deposit=deposit(PAID, state=FINAL))))
"""One fact that is enough to pay the order."""

FACTS = st.one_of(
    reports(PAID),
    sightings(PAID),
    reports(MISTYPED),
    reports(DUST),
    sightings(DUST, amount=1),
    sightings(FOREIGN, symbol=None, asset="0xforeign"),
)


class Step(NamedTuple):
    """A fact, and whether the order then submits the deposit whose turn it is."""

    fact: Fact
    submits: bool


def opened() -> OrderState:
    return state(Phase.SUBMITTING, quotes=[quote(1), quote(2)])


def apply(known: OrderState, fact: Fact) -> None:
    as_report = [fact] if isinstance(fact, DepositReport) else []
    as_notice = [fact] if isinstance(fact, DepositNotice) else []
    apply_deposits(order(), known, as_report, as_notice, NOON)


def submit(known: OrderState, accepted: list[str]) -> None:
    """Submit the deposit whose turn it is to an Orchestra that finds the payment, refuses dust, and finds no other."""
    current = known.deposit
    if current is None or known.view.order_id:
        return
    begin_submit(current)
    tx_id = current.proof.transaction_id
    if tx_id == PAID and (current.quote_id == "q_1" or current.evidence == "nothing"):
        accepted.append(tx_id)
        accept(current)
        known.view = merge(OrderView(), seen("processing")).view
        known.phase = Phase.TRACKING
    elif tx_id in (DUST, FOREIGN):
        set_aside(current, Reason(code="invalid_request", message="too little"))
    else:
        note_refusal(current, Reason(code="tx_not_found", message="not found"), access_refused=False)
    apply_deposits(order(), known, [], [], NOON)


def play(steps: list[Step]) -> tuple[OrderState, list[str]]:
    known, accepted = opened(), []
    for step in steps:
        apply(known, step.fact)
        if step.submits:
            submit(known, accepted)
    for _ in range(4 * len(steps)):
        submit(known, accepted)
    return known, accepted


@st.composite
def stories(draw: st.DrawFn) -> list[Step]:
    """Return facts in any order, with repeats, of which at least one is enough."""
    facts = [*draw(st.lists(FACTS, max_size=8)), draw(DECISIVE)]
    repeated = [*facts, *draw(st.lists(st.sampled_from(facts), max_size=4))]
    return [Step(fact, draw(st.booleans())) for fact in draw(st.permutations(repeated))]


@settings(max_examples=300, deadline=None)
@given(stories())
def test_whatever_is_known_in_whatever_order_the_payment_is_accepted_once(steps: list[Step]) -> None:
    known, accepted = play(steps)

    assert accepted == [PAID]
    assert [entry.proof.transaction_id for entry in known.deposits if entry.stage is DepositStage.ACCEPTED] == [PAID]


@settings(max_examples=300, deadline=None)
@given(stories())
def test_every_deposit_is_known_once_and_at_most_one_is_in_turn(steps: list[Step]) -> None:
    known, _ = play(steps)
    keys = [entry.proof.key for entry in known.deposits]

    assert len(keys) == len(set(keys))
    assert sum(entry.stage in (DepositStage.SUBMITTING, DepositStage.ACCEPTED) for entry in known.deposits) <= 1


@settings(max_examples=200, deadline=None)
@given(stories(), st.randoms(use_true_random=False))
def test_another_order_of_the_same_facts_names_the_same_deposits(steps: list[Step], random) -> None:
    shuffled = random.sample(steps, len(steps))
    one, other = play(steps)[0], play(shuffled)[0]

    def reported(known: OrderState) -> set[str]:
        return {entry.proof.key for entry in known.deposits if entry.seen_by == "business"}

    def shown(known: OrderState) -> set[str]:
        return {sighting.deposit.tx_id for sighting in known.sightings}

    assert shown(one) == shown(other)
    assert reported(one) | {DepositProof(tx_hash=PAID).key} == reported(other) | {DepositProof(tx_hash=PAID).key}


@settings(max_examples=200, deadline=None)
@given(st.permutations([SEEN, CONFIRMED, FINAL]), st.booleans())
def test_a_payment_belongs_to_the_quote_whose_address_received_it(levels: list, reported: bool) -> None:
    known = state(quotes=[quote(1), quote(2)])
    if reported:
        apply(known, DepositReport(proof=DepositProof(tx_hash=PAID), quote_id="q_2"))
    for level in levels:
        apply(known, DepositNotice(deposit=deposit(PAID, state=level)))

    assert known.deposit is not None
    assert known.deposit.quote_id == "q_1"
