"""The stack's ports: which it uses, and the error when one is not free."""

import socket
from collections.abc import Iterator

import pytest

from baton.local.stack.errors import PortTaken
from baton.local.stack.ports import fixed_ports, free_ports, require_free, throwaway_ports
from baton.settings import Settings


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_refused_with_number_setting_and_remedy(taken: int) -> None:
    with pytest.raises(PortTaken) as refusal:
        require_free("gateway", taken)
    assert (refusal.value.port, refusal.value.setting) == (taken, "BATON_GATEWAY_PORT")
    assert str(refusal.value) == (
        f"Port {taken}, wanted by the gateway, is taken. "
        "Stop what listens there, or choose another port with BATON_GATEWAY_PORT."
    )


def test_a_port_taken_on_every_address_is_taken_on_loopback_too() -> None:
    with socket.create_server(("", 0)) as server, pytest.raises(PortTaken):
        require_free("sandbox", server.getsockname()[1])


def test_a_port_whose_server_has_just_stopped_is_free() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    caller = socket.create_connection(("127.0.0.1", port))
    connection, _ = server.accept()
    # The side that closes first waits in TIME_WAIT on the port.
    connection.close()
    caller.close()
    server.close()
    require_free("gateway", port)


def test_a_number_out_of_range_is_refused() -> None:
    with pytest.raises(
        PortTaken, match=r"Port 65536, wanted by the Temporal UI .* is not a port number.*TEMPORAL_PORT"
    ):
        require_free("temporal_ui", 65536)


def test_an_address_of_another_machine_is_refused_with_the_reason() -> None:
    with pytest.raises(PortTaken, match=r"cannot be used on 192\.0\.2\.1"):
        require_free("gateway", free_ports(1)[0], "192.0.2.1")


def test_free_ports_differ_and_can_be_listened_on() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    for port in ports:
        require_free("gateway", port)


def test_the_ui_listens_a_thousand_above_the_server() -> None:
    ports = fixed_ports(Settings(temporal_port=7300))
    assert (ports.temporal, ports.temporal_ui) == (7300, 8300)


def test_a_throwaway_stack_uses_the_ports_that_are_set_and_free_ones() -> None:
    ports = throwaway_ports(Settings(gateway_port=8080, temporal_port=7233))
    assert (ports.gateway, ports.temporal, ports.temporal_ui) == (8080, 7233, 8233)
    require_free("sandbox", ports.sandbox)
    assert ports.sandbox != Settings.model_fields["sandbox_port"].default
