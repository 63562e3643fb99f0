"""What the Temporal UI shows of a chain's watch."""

from baton.orders.watch_messages import Watched
from workflows.deposit_watch import details_of


def test_the_details_of_a_watch_name_what_could_not_be_read() -> None:
    odd = ["node: transaction a cannot be read", "node: transaction b cannot be read"]
    details = details_of(Watched(addresses=2, unreadable=odd))

    assert "| addresses | 2 |" in details
    assert f"| unreadable | {'; '.join(odd)} |" in details


def test_the_details_of_a_quiet_watch_have_dashes() -> None:
    lines = details_of(Watched()).splitlines()

    assert {"| head | - |", "| trouble | - |", "| unreadable | - |"} <= set(lines)
