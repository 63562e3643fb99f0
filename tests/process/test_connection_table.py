"""Which connection stays when there are too many: the one without a whole request for longest goes first."""

import pytest

from baton.process.connection_table import Admission, ConnectionLimits, ConnectionTable, origin_of


def table(total: int = 3, per_address: int = 2) -> ConnectionTable[str]:
    return ConnectionTable(ConnectionLimits(total, per_address))


def test_connections_within_the_limits_are_admitted() -> None:
    connections = table()
    assert [connections.admit(name, name) for name in "abc"] == [Admission(True)] * 3
    assert len(connections) == 3


def test_the_connection_that_waits_longest_makes_room_for_a_new_one() -> None:
    connections = table()
    for name in "abc":
        connections.admit(name, name)
    connections.set_waiting("a", False)
    assert connections.admit("d", "d") == Admission(True, "b")
    assert len(connections) == 3


def test_a_connection_that_waits_again_has_waited_the_shortest() -> None:
    connections = table()
    for name in "abc":
        connections.admit(name, name)
    connections.set_waiting("a", False)
    connections.set_waiting("a", True)
    connections.set_waiting("b", True)
    replaced = [connections.admit(name, name).replaced for name in "def"]
    assert replaced == ["b", "c", "a"]


def test_an_address_above_its_share_replaces_only_its_own_connections() -> None:
    connections = table()
    connections.admit("other", "b")
    connections.admit("first", "a")
    connections.admit("second", "a")
    assert connections.admit("third", "a") == Admission(True, "first")


def test_a_new_connection_is_refused_while_all_others_have_a_request() -> None:
    connections = table(per_address=3)
    for name in "abc":
        connections.admit(name, "a")
        connections.set_waiting(name, False)
    assert connections.admit("d", "a") == Admission(False)
    assert connections.admit("e", "e") == Admission(False)
    connections.set_waiting("d", True)
    assert len(connections) == 3


def test_a_removed_connection_frees_its_place_once() -> None:
    connections = table()
    connections.admit("a1", "a")
    connections.admit("a2", "a")
    connections.remove("a1")
    connections.remove("a1")
    assert [connections.admit(name, "a") for name in ("a3", "a4")] == [Admission(True), Admission(True, "a2")]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "192.0.2.1", False),
    ],
)
def test_a_network_of_ipv6_counts_as_one_address(one: str, other: str, same: bool) -> None:
    assert (origin_of(one) == origin_of(other)) is same
