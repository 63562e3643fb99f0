"""What the payer must send, and how the deposit is reported. Pure."""

import pytest

from baton.cli.views.payment import proof_command


@pytest.mark.parametrize(
    ("chain", "command"),
    [
        ("base", "baton deposit r --tx-hash HASH"),
        ("spark", "baton deposit r --spark-tx-hash TRANSFER"),
        ("bitcoin", "baton deposit r --bitcoin-txid TXID --bitcoin-vout OUTPUT"),
        ("lightning", "baton deposit r"),
    ],
)
def test_the_deposit_command_has_the_proof_of_the_source_chain(chain: str, command: str) -> None:
    assert proof_command("r", "default", chain) == command
    assert "--account acme" in proof_command("r", "acme", chain)
