"""The reusable address that somebody pays: found by the deposit address, on whichever chain."""

from collections.abc import Iterator

from baton.local.sandbox.engine.payees import Payee
from baton.local.sandbox.engine.store import SandboxDeposit, Store


class PayeeBook:
    """The reusable addresses of one sandbox, as payers see them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def paid_at(self, deposit_address: str, chain: str | None = None) -> Payee | None:
        """Return the reusable address with this deposit address, disabled or not; None if there is none."""
        return next((payee for payee in self._at(deposit_address) if chain in (None, payee.chain.name)), None)

    def of_deposit(self, deposit: SandboxDeposit) -> Payee | None:
        """Return the reusable address that a deposit pays."""
        return self.paid_at(deposit.address, deposit.chain)

    def _at(self, deposit_address: str) -> Iterator[Payee]:
        for address in self._store.addresses.values():
            if address.deposit_address == deposit_address:
                yield address.payee
        for standing in self._store.standing.values():
            for chain, address_there in standing.addresses.items():
                if address_there == deposit_address:
                    yield standing.payee(chain)
