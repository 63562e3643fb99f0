"""The simulated chain: deposits by transaction and output, and when they become visible.

One transaction makes one deposit to an address, except on Bitcoin, where each output of a transaction is one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from baton.local.sandbox.engine.addresses import transaction_key
from baton.local.sandbox.engine.clock import SandboxClock
from baton.local.sandbox.engine.memory import Table
from baton.local.sandbox.engine.store import SandboxDeposit, SandboxQuote
from baton.local.sandbox.errors import ApiError, invalid


@dataclass(frozen=True)
class Evidence:
    """The statement of a submit about the deposit."""

    transaction: str
    vout: int | None
    sender: str | None


class SimulatedChain:
    """All deposits of all chains.

    Args:
        clock: The sandbox's clock.
        deposits: Keeps the deposits.
        missing_status: HTTP status of a refusal because a deposit cannot be seen.
    """

    def __init__(self, clock: SandboxClock, deposits: Table[SandboxDeposit], *, missing_status: int) -> None:
        self._clock = clock
        self._missing_status = missing_status
        self._kept = deposits
        self._outputs: dict[tuple[str, str], dict[str, SandboxDeposit]] = {}
        for deposit in deposits.values():
            self._outputs.setdefault(deposit.key, {})[deposit.place] = deposit

    @property
    def deposits(self) -> list[SandboxDeposit]:
        """Return every deposit, visible or not."""
        return list(self._kept.values())

    def pay(self, deposit: SandboxDeposit) -> SandboxDeposit:
        """Put a deposit on the chain and return it.

        Raises:
            ApiError: `conflict`: the transaction and output exist already.
        """
        outputs = self._outputs.setdefault(deposit.key, {})
        if deposit.vout is None and outputs and _may_share(deposit, outputs.values()):
            deposit.position = deposit.address
        if deposit.place in outputs:
            raise ApiError("conflict", f"{deposit.transaction} already pays {outputs[deposit.place].address}")
        self._kept[deposit.id] = outputs[deposit.place] = deposit
        return deposit

    def paid_to(self, payee_id: str) -> Iterator[SandboxDeposit]:
        """Return the visible deposits to a reusable address, oldest first."""
        now = self._clock.now()
        return (kept for kept in self._kept.values() if kept.payee_id == payee_id and kept.visible_at <= now)

    def replace(self, deposit: SandboxDeposit, successor: SandboxDeposit) -> SandboxDeposit:
        """Put a deposit on the chain in place of another, which disappears, and return it."""
        outputs: Mapping[str, SandboxDeposit] = self._outputs.pop(deposit.key, {})
        for output in outputs.values():
            del self._kept[output.id]
        return self.pay(successor)

    def changed(self, deposit: SandboxDeposit) -> None:
        """Have a deposit written that has changed."""
        self._kept.changed(deposit.id)

    def find(self, quote: SandboxQuote, evidence: Evidence) -> SandboxDeposit:
        """Return the visible deposit that the evidence names and that pays the quote.

        Raises:
            ApiError: `tx_not_found`, `vout_not_found`, or `invalid_request` if it pays another address.
        """
        outputs = self._outputs.get((quote.chain, transaction_key(evidence.transaction)), {})
        now = self._clock.now()
        visible = {place: deposit for place, deposit in outputs.items() if deposit.visible_at <= now}
        if not visible:
            raise self._missing("tx_not_found", f"{evidence.transaction} is not visible on {quote.chain} yet")
        vout = None if evidence.vout is None else str(evidence.vout)
        if vout is not None and vout not in visible:
            raise self._missing("vout_not_found", f"{evidence.transaction} has no output {evidence.vout}")
        candidates = [visible[vout]] if vout is not None else list(visible.values())
        for deposit in candidates:
            if deposit.address == quote.deposit_address:
                return deposit
        raise invalid(f"{evidence.transaction} does not pay the deposit address of {quote.id}")

    def _missing(self, code: str, message: str) -> ApiError:
        return ApiError(code, message, status=self._missing_status)


def _may_share(deposit: SandboxDeposit, others: Iterable[SandboxDeposit]) -> bool:
    """Whether a deposit may be in the transaction of others: all pay reusable addresses, and it another one."""
    return deposit.payee_id is not None and all(
        other.payee_id is not None and other.address != deposit.address for other in others
    )
